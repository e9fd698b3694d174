"""One thing is made ahead, no more, and nothing goes on after the block."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import closing

import pytest

from chassis.ahead import one_ahead


def test_the_next_is_made_while_the_first_is_used() -> None:
    made = {number: threading.Event() for number in range(4)}

    def items() -> Generator[int, None, None]:
        for number, event in made.items():
            event.set()
            yield number

    used = []
    with closing(one_ahead(items())) as ready:
        for number in ready:
            used.append(number)
            if number < 3:
                assert made[number + 1].wait(5)
            assert not any(made[later].is_set() for later in range(number + 2, 4))
    assert used == [0, 1, 2, 3]


def test_what_fails_ahead_fails_where_it_would_be_used() -> None:
    def items() -> Generator[int, None, None]:
        yield 1
        raise ValueError("the second")

    ready = one_ahead(items())
    assert next(ready) == 1
    with pytest.raises(ValueError, match="the second"):
        next(ready)


def test_closing_ends_what_makes_them() -> None:
    ended = threading.Event()

    def items() -> Generator[int, None, None]:
        try:
            while True:
                yield 1
        finally:
            ended.set()

    with closing(one_ahead(items())) as ready:
        next(ready)
    assert ended.is_set()
