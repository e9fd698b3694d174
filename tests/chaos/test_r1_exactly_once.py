"""R1: a committed change reaches every subscriber exactly once in effect."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from tests.chaos.faults import Storm
from tests.chaos.trial import Try

KILLED = ("relay", "notifications", "ledger", "registry", "worker", "broker")


@pytest.mark.slow
def test_killed_processes_lose_repeat_and_swap_nothing(trial: Try) -> None:
    with trial("R1") as it:
        acts: list[Callable[[], bool]] = [*(partial(it.faults.kill, name) for name in KILLED), it.faults.kill_backend]
        with it.load(20) as load, Storm(acts, (1.5, 4.5)):
            it.wait(it.seconds, load)
        it.settle(90)
        it.every_write_is_there()
        assert not [answer for answer in load.answers if 400 <= answer.status < 500], load.statuses()
