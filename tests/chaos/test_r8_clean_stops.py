"""R8: stopping is clean."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from itertools import cycle

import pytest

from deploy.processes import PROCESSES
from tests.chaos.load import Load
from tests.chaos.machine import SPARE
from tests.chaos.trial import Trial, Try
from tests.stack import eventually

RATE = 50
#: Officers read more than they write.
MIX = (2, 1, 7)
PATIENCE = 25
NAMES = [process.name for process in PROCESSES]


@pytest.mark.slow
def test_rolling_restarts_are_not_noticed(trial: Try) -> None:
    with trial("R8") as it:
        exits: dict[str, float] = {}
        spares = [f"{name}{SPARE}" for name in NAMES]
        it.stack.start_processes(spares)
        with it.load(RATE, threads=16, mix=MIX) as load:
            load.addresses.append(f"{it.stack.ports.url(f'health-gateway{SPARE}')}/api/v1")
            until = time.monotonic() + it.seconds
            it.wait(3, load)
            # one after another where there is time, and all at once where there isn't; never both replicas of one
            batches = [[name] for name in NAMES] if it.seconds > 60 else [NAMES]
            rounds = cycle(each for batch in batches for each in (batch, [f"{name}{SPARE}" for name in batch]))
            while len(exits) < len(NAMES) or time.monotonic() < until:
                _restart(it, next(rounds), load, exits)
        it.stack.supervisor.stop(*spares)
        it.outcome.figures = {"slowest_exits": {name: round(seconds, 1) for name, seconds in exits.items()}}
        it.settle(60)
        it.every_write_is_there()
        assert max(exits.values()) <= PATIENCE, exits
        assert not load.unclean(), [(each.kind, each.status, each.text) for each in load.unclean()[:5]]


def _restart(it: Trial, names: Sequence[str], load: Load, exits: dict[str, float]) -> None:
    it.say(f"SIGTERM of {', '.join(names)}; {len(load.answers)} answers")

    def terminate(name: str) -> None:
        exits[name] = max(exits.get(name, 0.0), it.faults.terminate(name))

    threads = [threading.Thread(target=terminate, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    eventually(lambda: all(it.stack.pid(name) and it.stack.is_ready(name) for name in names), 60, 0.2)
