"""`latest_only`: a handler that keeps a copy never sees an older event after a newer one."""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from chassis.consume import Consumer
from chassis.database import Database
from chassis.failed_events import Retries
from chassis.identifiers import new_id
from chassis.subscriptions import Subscription
from chassis.unit_of_work import UnitOfWork
from contracts.events import Envelope, encode, schema_url, sequence
from tests.probe.facts.probe import ThingCounted
from tests.service.chassis.probe import Probe
from tests.stack import eventually

A, B = "0199a000-0000-7000-8000-00000000000a", "0199a000-0000-7000-8000-00000000000b"
# last write wins, as in a handler that relies on latest_only
_KEEP = text("INSERT INTO thing (id, number) VALUES (:id, :number) ON CONFLICT (id) DO UPDATE SET number = :number")


class Copies:
    """A service that keeps the last number of each thing; moods as in the probe's handlers."""

    def __init__(self, probe: Probe, database: Database, *, bulk: bool) -> None:
        self.probe = probe
        self.handled: list[int] = []
        self.before: Callable[[Envelope[Any]], None] = lambda _: None
        handler = self._keep_all if bulk else self._keep
        self.subscription = Subscription("probe.copies", ThingCounted, handler, bulk, latest_only=True)
        self.consumer = Consumer(database, self.subscription)
        self.retries = Retries(database, [self.subscription])

    def _keep(self, uow: UnitOfWork, envelope: Envelope[ThingCounted]) -> None:
        self.before(envelope)
        uow.session.execute(_KEEP, {"id": uuid.UUID(envelope.subject), "number": envelope.data.number})
        if envelope.data.mood == "raise":
            raise RuntimeError("as asked")
        self.handled.append(envelope.data.number)

    def _keep_all(self, uow: UnitOfWork, envelopes: list[Envelope[ThingCounted]]) -> None:
        assert len({envelope.subject for envelope in envelopes}) == len(envelopes)
        for envelope in envelopes:
            self._keep(uow, envelope)

    def take(self, *bodies: bytes, replay: str = "") -> None:
        self.consumer.take(bodies, replay=replay)

    def copy(self) -> dict[str, int]:
        return {str(subject): number for subject, number in self.probe.rows("SELECT id, number FROM thing")}


@pytest.fixture(params=[False, True], ids=["one at a time", "in bulk"])
def copies(request: pytest.FixtureRequest, service: Probe) -> Iterator[Copies]:
    service.database.execute("TRUNCATE plut.latest, plut.inbox")
    database = Database(service.settings, "probe")
    yield Copies(service, database, bulk=request.param)
    database.close()


def event(subject: str, version: int, mood: str = "well") -> bytes:
    return encode(
        Envelope(
            id=new_id(), source="/plut/probe", type=ThingCounted.type, subject=subject, time=datetime.now(UTC),
            unit="21.71", sequence=sequence(version), data=ThingCounted(mood=mood, number=version),
            dataschema=schema_url(ThingCounted),
        )
    )  # fmt: skip


def test_an_older_event_is_dropped(copies: Copies) -> None:
    copies.take(event(A, 2), event(B, 1))
    copies.take(event(A, 1), event(B, 2))
    assert (copies.copy(), copies.handled) == ({A: 2, B: 2}, [2, 1, 2])


def test_of_a_batch_the_newest_of_each_aggregate_is_handled(copies: Copies) -> None:
    copies.take(event(A, 3), event(B, 1), event(A, 5), event(A, 4), event(B, 2))
    assert (copies.copy(), copies.handled) == ({A: 5, B: 2}, [5, 2])


def test_versions_are_compared_as_numbers(copies: Copies) -> None:
    copies.take(event(A, 9), event(A, 10))
    copies.take(event(A, 2_000_000_000))
    copies.take(event(A, 100))
    assert copies.handled == [10, 2_000_000_000]


def test_a_repeat_has_no_effect_and_a_replay_has_the_newest_only(copies: Copies) -> None:
    old, new = event(A, 1), event(A, 2)
    copies.take(old)
    copies.take(new)
    copies.take(old, new)
    assert copies.handled == [1, 2]
    copies.take(old, new, replay="again")
    copies.take(old, new, replay="again")
    assert copies.handled == [1, 2, 2]


def test_a_failed_event_is_retried_unless_a_newer_one_has_come(copies: Copies) -> None:
    failing, other = event(A, 1, "raise"), event(B, 1, "raise")
    copies.take(failing, other)
    assert copies.copy() == {}
    copies.take(event(A, 2))
    copies.probe.database.execute(
        "UPDATE plut.failed_event SET next_attempt_at = now(), body = convert_to("
        "replace(convert_from(body, 'UTF8'), 'raise', 'well'), 'UTF8')"
    )
    assert copies.retries.run_due() == 2
    assert copies.copy() == {A: 2, B: 1}
    assert copies.probe.rows("SELECT count(*) FROM plut.failed_event") == [(0,)]


def test_of_two_consumers_at_the_same_time_the_older_event_waits_and_is_dropped(copies: Copies) -> None:
    holding, let_go = threading.Event(), threading.Event()

    def hold(envelope: Envelope[Any]) -> None:
        if envelope.version == 2:
            holding.set()
            assert let_go.wait(20)

    copies.before = hold
    with ThreadPoolExecutor(2) as threads:
        newer = threads.submit(copies.take, event(A, 2))
        assert holding.wait(20)
        older = threads.submit(copies.take, event(A, 1))
        eventually(lambda: copies.probe.rows("SELECT 1 FROM pg_locks WHERE NOT granted"))
        let_go.set()
        newer.result(20)
        older.result(20)
    assert (copies.copy(), copies.handled) == ({A: 2}, [2])


def test_many_consumers_and_any_order_end_with_the_newest(copies: Copies) -> None:
    subjects = [str(uuid.uuid4()) for _ in range(10)]
    bodies = [event(subject, version) for subject in subjects for version in range(1, 31)]
    random.Random(7).shuffle(bodies)  # noqa: S311 - the same order each time
    # every body twice, in batches of up to 20
    batches = [bodies[at : at + size] for size in (13, 20) for at in range(0, len(bodies), size)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda batch: copies.take(*batch), batches))
    assert copies.copy() == dict.fromkeys(subjects, 30)
    assert copies.probe.rows("SELECT count(*) FROM plut.failed_event") == [(0,)]
    assert copies.probe.rows("SELECT count(*) FROM plut.inbox") == [(300,)]
