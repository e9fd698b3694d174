"""What the relay reads: nothing is skipped, nothing overtakes, and a read stays quick however much was sent."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, text

from chassis.broker.topology import BULK, EXPRESS, LANES
from chassis.database import Database
from chassis.settings import Settings
from chassis.unsent import _STATEMENTS, LONGEST_PAUSE, SETTLED, SWEEP, Unsent, oldest_unsent, parked_aggregates
from tests.service.chassis.probe import Probe

A, B = str(uuid.uuid4()), str(uuid.uuid4())


class Clock:
    def __init__(self) -> None:
        self.now = 100.0
        self.passes = 0.0
        """Seconds that pass between two looks at it."""

    def __call__(self) -> float:
        self.now += self.passes
        return self.now


@pytest.fixture
def connection(probe: Probe) -> Iterator[Connection]:
    database = Database(Settings.from_environment(probe.corner.environment_of("chassis.relay")), "probe")
    with database.engine.connect() as one:
        yield one.execution_options(isolation_level="AUTOCOMMIT")
    database.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def unsent(connection: Connection, clock: Clock) -> Unsent:
    return Unsent(connection, EXPRESS, clock=clock)


@pytest.fixture
def bulk(connection: Connection, clock: Clock) -> Unsent:
    return Unsent(connection, BULK, clock=clock)


def write(connection: psycopg.Connection[Any], subject: str, *, bulk: bool = False) -> int:
    row = connection.execute(
        "INSERT INTO plut.outbox (event_id, type, subject, unit, routing_key, body, created_at, bulk)"
        " VALUES (gen_random_uuid(), 't', %s, '21.71', 'k', 'b', now(), %s) RETURNING position",
        (subject, bulk),
    ).fetchone()
    assert row
    return int(row[0])


def read(unsent: Unsent) -> list[int]:
    return [row.position for row in unsent.read(500)]


def settle(unsent: Unsent, clock: Clock, *positions: int) -> None:
    """Have these sent so long ago that the next read begins above them, and no sweep be due."""
    unsent.mark_sent(positions)
    clock.now += SETTLED + 1
    read(unsent)


@contextmanager
def left_below(probe: Probe, unsent: Unsent, clock: Clock, *subjects: str) -> Iterator[list[int]]:
    """Rows that a slow transaction commits at the end of the block, when reads have long begun above them."""
    with psycopg.connect(probe.settings.owner_url("probe")) as slow:
        late = [write(slow, subject) for subject in subjects]
        settle(unsent, clock, write(probe.database, B))
        yield late


def test_what_a_slow_transaction_commits_is_found_by_the_next_sweep(probe: Probe, unsent: Unsent, clock: Clock) -> None:
    with left_below(probe, unsent, clock, A) as late:
        assert read(unsent) == []
    assert read(unsent) == []
    clock.now += SWEEP
    assert read(unsent) == late


def test_a_sweep_that_a_paused_database_held_up_does_not_put_off_the_next_for_minutes(
    probe: Probe, unsent: Unsent, clock: Clock
) -> None:
    with left_below(probe, unsent, clock, A) as late:
        clock.passes = 17.0
        assert read(unsent) == []
        clock.passes = 0.0
    clock.now += LONGEST_PAUSE
    assert read(unsent) == late


def test_much_that_a_slow_transaction_commits_is_read_on_without_a_sweep_each(
    probe: Probe, unsent: Unsent, clock: Clock
) -> None:
    with left_below(probe, unsent, clock, *(str(uuid.uuid4()) for _ in range(6))) as late:
        pass
    clock.now += SWEEP
    found: list[int] = []
    for _ in range(3):
        window = [row.position for row in unsent.read(2)]
        unsent.mark_sent(window)
        found += window
    assert found == late


def test_a_later_event_never_overtakes_what_a_slow_transaction_left_below(
    probe: Probe, unsent: Unsent, clock: Clock
) -> None:
    with left_below(probe, unsent, clock, A) as late:
        pass
    after, other = write(probe.database, A), write(probe.database, B)
    assert read(unsent) == [other]
    clock.now += SWEEP
    assert read(unsent) == [*late, after, other]


def test_a_lane_waits_for_the_other_one_within_an_aggregate(probe: Probe, unsent: Unsent, bulk: Unsent) -> None:
    first, second = write(probe.database, A, bulk=True), write(probe.database, A)
    third, other = write(probe.database, A, bulk=True), write(probe.database, B)
    assert (read(unsent), read(bulk)) == ([other], [first])
    bulk.mark_sent([first])
    assert (read(unsent), read(bulk)) == ([second, other], [])
    unsent.mark_sent([second, other])
    assert (read(unsent), read(bulk)) == ([], [third])


def test_gauges_tell_what_waits(probe: Probe, unsent: Unsent, connection: Connection) -> None:
    assert (oldest_unsent(connection, EXPRESS), parked_aggregates(connection, EXPRESS)) == (0, 0)
    first, _ = write(probe.database, A), write(probe.database, A)
    probe.rows("UPDATE plut.outbox SET created_at = now() - interval '90 s' RETURNING 1")
    assert 90 <= oldest_unsent(connection, EXPRESS) < 120
    assert oldest_unsent(connection, BULK) == 0
    unsent.park(first, "why")
    assert (parked_aggregates(connection, EXPRESS), parked_aggregates(connection, BULK)) == (1, 0)


@pytest.mark.parametrize("planned", ["empty", "all sent", "all sent and analyzed", "full", "full and analyzed"])
def test_a_read_walks_the_right_indexes_whenever_it_was_planned(
    probe: Probe, unsent: Unsent, bulk: Unsent, connection: Connection, planned: str
) -> None:
    """A plan is kept: it must be right for an outbox that has grown by an import since."""
    probe.database.execute("ALTER TABLE plut.outbox SET (autovacuum_enabled = false)")
    insert = (
        "INSERT INTO plut.outbox (event_id, type, subject, unit, routing_key, body, created_at, bulk, sent_at)"
        " SELECT gen_random_uuid(), 't', gen_random_uuid(), '21.71', 'k', 'b', now(), {bulk}, {sent}"
        " FROM generate_series(1, {count})"
    )
    sent = insert.format(bulk="false", sent="now()", count=50_000)
    waiting = (
        insert.format(bulk="true", sent="NULL", count=20_000),
        insert.format(bulk="false", sent="NULL", count=40),
    )
    stages = {"empty": (), "all sent": (sent,), "full": (sent, *waiting)}
    there = stages[planned.removesuffix(" and analyzed")]
    for statement in there:
        probe.database.execute(statement)
    if planned.endswith("analyzed"):
        probe.database.execute("ANALYZE plut.outbox")
    for lane in LANES:
        query = _STATEMENTS[lane].text.replace(":floor", "$1").replace(":limit", "$2")
        connection.execute(text(f"PREPARE {lane.name} (bigint, bigint) AS {query}"))
        connection.execute(text(f"EXECUTE {lane.name} (0, 500)"))
    for statement in stages["full"][len(there) :]:
        probe.database.execute(statement)
    for lane, reading, expected in ((EXPRESS, unsent, 40), (BULK, bulk, 500)):
        assert len(read(reading)) == expected
        plan = "\n".join(connection.execute(text(f"EXPLAIN EXECUTE {lane.name} (0, 500)")).scalars())
        assert not re.search("Sort|Seq Scan|Hash|Bitmap", plan), plan
        assert re.search(rf'outbox_{lane.name} on outbox "?row"? .*\n +Index Cond: \("?position"? > \$1\)', plan), plan
        # the row's neighbours are found by its subject
        assert len(re.findall(r"Index Cond: \(\(?subject = ", plan)) == 3, plan
