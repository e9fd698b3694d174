"""Retries of failed events, when more than one worker or a person has to do with the same one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from chassis.consume import Consumer
from chassis.database import Database
from chassis.failed_events import Retries
from chassis.subscriptions import Subscription
from chassis.unit_of_work import UnitOfWork
from contracts.events import Envelope
from tests.probe.facts.probe import ThingCounted
from tests.service.chassis.probe import Probe
from tests.service.chassis.test_latest import A, event


class Slow:
    """A handler that fails at first, and afterwards takes as long as it is told to."""

    def __init__(self, database: Database) -> None:
        self.fails = True
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.subscription = Subscription("probe.slow", ThingCounted, self._handle)
        self.consumer = Consumer(database, self.subscription)
        self.retries = Retries(database, [self.subscription])

    def _handle(self, uow: UnitOfWork, envelope: Envelope[Any]) -> None:
        if self.fails:
            raise RuntimeError("as asked")
        uow.session.execute(
            text("INSERT INTO effect (event_id, subject, number, handler) VALUES (:id, '', 1, 'slow')"),
            {"id": envelope.id},
        )
        self.begun.set()
        assert self.go_on.wait(20)


@pytest.fixture
def slow(service: Probe) -> Iterator[Slow]:
    service.database.execute("TRUNCATE plut.inbox")
    database = Database(service.settings, "probe")
    one = Slow(database)
    one.consumer.take([event(A, 1)])
    one.fails = False
    due(service)
    yield one
    database.close()


def due(service: Probe) -> None:
    """Its time has come, or the lease of whoever tries it has ended."""
    service.database.execute("UPDATE plut.failed_event SET next_attempt_at = now() - interval '1 s'")


def effects(service: Probe) -> int:
    return int(service.rows("SELECT count(*) FROM effect WHERE handler = 'slow'")[0][0])


def test_a_retry_that_outlives_its_lease_commits_nothing(service: Probe, slow: Slow) -> None:
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(slow.retries.run_due)
        assert slow.begun.wait(20)
        slow.begun.clear()
        due(service)
        second = threads.submit(slow.retries.run_due)
        assert slow.begun.wait(20)
        slow.go_on.set()
        first.result(20)
        second.result(20)
    assert effects(service) == 1
    assert service.rows("SELECT count(*) FROM plut.failed_event") == [(0,)]


def test_what_a_person_drops_during_a_retry_has_no_effect(service: Probe, slow: Slow) -> None:
    with ThreadPoolExecutor(1) as threads:
        retry = threads.submit(slow.retries.run_due)
        assert slow.begun.wait(20)
        service.database.execute("UPDATE plut.failed_event SET state = 'dropped', next_attempt_at = NULL")
        slow.go_on.set()
        retry.result(20)
    assert effects(service) == 0
    assert service.rows("SELECT state FROM plut.failed_event") == [("dropped",)]
