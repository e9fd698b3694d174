"""One platform for all promises, broken and mended again and again; each promise gets its share of the time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.chaos.grounds import Grounds
from tests.chaos.trial import Trial, Try

SECONDS = "PLUT_CHAOS_SECONDS"
#: Seconds of the short form, which is part of every run of the tests.
SHORT = 60
#: Each promise's share of the seconds.
SHARES = {"R1": 26, "R2": 8, "R3": 12, "R4": 17, "R5": 6, "R6": 8, "R7": 2, "R8": 21, "R9": 12}

_held: list[Grounds] = []


@pytest.fixture
def grounds() -> Grounds:
    """What all promises share."""
    if not _held:
        root = os.environ.get("PLUT_TEST_BROKER_ROOT")
        _held.append(Grounds(Path(root) if root else None))
    return _held[0]


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """Sooner than a session's end, and after the fixtures: a stack of ten processes would go on beside the other tests."""
    if _held and (nextitem is None or Path(__file__).parent not in nextitem.path.parents):
        _held.pop().close()


@pytest.fixture
def trial(grounds: Grounds, request: pytest.FixtureRequest) -> Try:
    """How a test tries a promise: in a with block, whose end tells what came of it."""
    chosen = {name for item in request.session.items if (name := _promise(item)) in SHARES} or set(SHARES)
    long = float(os.environ.get(SECONDS) or 0)
    seconds = long or SHORT * sum(SHARES[each] for each in chosen) / sum(SHARES.values())

    @contextmanager
    def trying(promise: str) -> Iterator[Trial]:
        share = seconds * SHARES[promise] / sum(SHARES[each] for each in chosen)
        grounds.stack.wait_until_whole()
        it = Trial(promise, share, grounds, alone=bool(long))
        it.say(f"begins, for about {share:.0f} s")
        try:
            yield it
        except BaseException as error:
            it.close(error)
            raise
        it.close(None)

    return trying


def _promise(item: pytest.Item) -> str:
    """Which promise a test tries: R1 in the file test_r1_exactly_once.py."""
    return item.path.name.split("_")[1].upper() if item.path.parent == Path(__file__).parent else ""
