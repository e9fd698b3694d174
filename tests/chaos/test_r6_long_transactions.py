"""R6: long transactions and commits out of order skip nothing."""

from __future__ import annotations

import random
import threading
import time

import pytest

from chassis.database import Database
from tests.chaos.trial import Trial, Try
from tests.chaos.writing import registry, subjects, tell, unit_of_work

WRITERS = 6
#: Seconds that a writer holds its transaction open, at most.
DAWDLE = 2.0


@pytest.mark.slow
def test_positions_that_are_committed_late_and_out_of_order_are_all_published(trial: Try) -> None:
    with trial("R6") as it, registry(it.stack) as database, it.load(15) as load:
        stopping = threading.Event()
        threads = [threading.Thread(target=_dawdle, args=(it, database, stopping)) for _ in range(WRITERS)]
        with unit_of_work(database) as uow:
            for subject in subjects(10):
                tell(uow, subject, 1)
            uow.flush()  # the positions are taken, long before anybody can see the rows
            for thread in threads:
                thread.start()
            try:
                it.wait(it.seconds, load)
            finally:
                stopping.set()
                for thread in threads:
                    thread.join()
        load.stop()
        it.settle(60)
        it.every_write_is_there()


def _dawdle(it: Trial, database: Database, stopping: threading.Event) -> None:
    """One after another on the same enterprises, as version checks would have it, and each in its own time."""
    mine = subjects(5)
    version = 0
    while not stopping.is_set():
        version += 1
        with unit_of_work(database) as uow:
            for subject in mine:
                tell(uow, subject, version)
            uow.flush()
            time.sleep(random.random() * DAWDLE)  # noqa: S311 - how long nobody needs to foresee
        it.faults.counts["commit out of order"] += 1
