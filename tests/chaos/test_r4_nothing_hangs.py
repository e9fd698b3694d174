"""R4: nothing hangs."""

from __future__ import annotations

import time

import pytest

from tests.chaos.trial import Trial, Try

#: Seconds that stores stand still: longer than any call may take.
PAUSE = 17
LONGEST_ANSWER = 15
BACK_WITHIN = 10
#: Seconds after which nobody believes any more that it comes back.
PATIENCE = 60
BOTH = ("broker", "database")


@pytest.mark.slow
def test_paused_stores_hang_no_call_and_all_is_well_soon_after(trial: Try) -> None:
    with trial("R4") as it:
        rounds = [("broker",), ("database",), BOTH] if it.seconds > 3 * (PAUSE + BACK_WITHIN) else [BOTH]
        slowest_return = 0.0
        with it.load(10) as load:
            it.wait(2)
            until = time.monotonic() + it.seconds
            number = 0
            while not number or time.monotonic() + PAUSE < until:
                slowest_return = max(slowest_return, _pause(it, rounds[number % len(rounds)]))
                number += 1
        it.outcome.figures = {"slowest_return": round(slowest_return, 1)}
        it.settle(60)
        it.every_write_is_there()
        assert load.longest() <= LONGEST_ANSWER, load.longest()
        late = f"{slowest_return:.1f} s until a new write had its effect"
        assert not it.alone or slowest_return <= BACK_WITHIN, late


def _pause(it: Trial, names: tuple[str, ...]) -> float:
    it.say(f"SIGSTOP of {' and '.join(names)} for {PAUSE} s")
    with it.faults.paused(*names):
        time.sleep(PAUSE)
    return it.seconds_until_it_works(PATIENCE)
