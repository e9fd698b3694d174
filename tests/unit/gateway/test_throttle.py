from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.throttle import FREE_PER_PAIR, WINDOW, wait_after


def test_the_first_ones_are_free_and_then_it_doubles() -> None:
    assert [wait_after(n, FREE_PER_PAIR).total_seconds() for n in range(8)] == [0, 0, 0, 0, 0, 15, 30, 60]


@given(st.integers(0, 10**6))
def test_nobody_waits_longer_than_the_window_so_that_there_is_an_end(failures: int) -> None:
    assert timedelta() <= wait_after(failures, FREE_PER_PAIR) <= WINDOW
