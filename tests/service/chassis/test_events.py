"""From a committed change to its effects, with everything that can go wrong on the way."""

from __future__ import annotations

import signal
import uuid
from typing import Any

import pika
import pytest
from sqlalchemy import text

from chassis.broker.topology import EXPRESS
from chassis.database import Database
from chassis.unit_of_work import UnitOfWork
from contracts.errors import PlutError
from tests.probe.facts.probe import ThingCounted
from tests.service.chassis.probe import BATAM, Probe
from tests.stack import eventually


def effects(probe: Probe, handler: str = "each") -> list[Any]:
    return probe.rows("SELECT number FROM effect WHERE handler = %s ORDER BY number", handler)


def publish_raw(probe: Probe, body: bytes) -> None:
    with pika.BlockingConnection(pika.URLParameters(probe.settings.amqp_url)) as connection:
        connection.channel().basic_publish(EXPRESS.exchange, "probe.thing-counted.v1.21.71", body)


def test_a_committed_change_has_its_effect_once_in_every_subscription(service: Probe) -> None:
    for number in range(30):
        service.call("count", {"number": number})
    eventually(lambda: len(effects(service)) == 30 and len(effects(service, "bulk")) == 30)
    assert service.rows("SELECT count(*) FROM plut.outbox WHERE sent_at IS NULL") == [(0,)]
    assert service.rows("SELECT count(*), count(DISTINCT (event_id, handler)) FROM effect") == [(60, 60)]


def test_a_change_that_fails_publishes_nothing(service: Probe) -> None:
    with pytest.raises(PlutError):
        service.call("count", {"number": 1, "mood": "fail"})
    assert service.rows("SELECT (SELECT count(*) FROM thing), (SELECT count(*) FROM plut.outbox)") == [(0, 0)]


def test_a_failing_handler_harms_no_neighbour_and_is_tried_again(service: Probe) -> None:
    publish_later(service, *enumerate(["well", "raise", "well", "raise-once", "drop", "well"]))
    eventually(lambda: len(effects(service)) == 3)
    states = eventually(lambda: service.rows("SELECT state, attempts FROM plut.failed_event ORDER BY event_id"))
    assert states == [("waiting", 1), ("waiting", 1), ("dropped", 1)]
    # the schedule's first step is ten seconds: bring it near
    service.rows("UPDATE plut.failed_event SET next_attempt_at = now() WHERE state = 'waiting' RETURNING 1")
    eventually(lambda: effects(service) == [(0,), (2,), (3,), (5,)])
    assert eventually(lambda: service.rows("SELECT attempts FROM plut.failed_event WHERE state = 'waiting'")) == [(2,)]


def test_what_cannot_be_read_is_kept_and_seen(service: Probe) -> None:
    publish_raw(service, b"\xff not an envelope")
    publish_raw(service, b'{"type": "id.plut.probe.thing-counted.v1", "specversion": "1.0"}')
    service.call("count", {"number": 1})
    eventually(lambda: effects(service) == [(1,)])
    rows = service.rows("SELECT state, body FROM plut.failed_event WHERE subscription = 'probe.thing-counted'")
    assert {state for state, _ in rows} == {"dead"}
    assert b"\xff not an envelope" in [bytes(body) for _, body in rows]


def test_a_repeat_has_no_effect(service: Probe) -> None:
    service.call("count", {"number": 1})
    eventually(lambda: len(effects(service)) == 1)
    service.rows("UPDATE plut.outbox SET sent_at = NULL RETURNING 1")
    eventually(lambda: service.rows("SELECT count(*) FROM plut.outbox WHERE sent_at IS NULL") == [(0,)])
    service.call("count", {"number": 2})
    eventually(lambda: effects(service) == [(1,), (2,)])


def test_a_row_that_the_broker_refuses_holds_back_its_aggregate_only(service: Probe) -> None:
    stuck, other = uuid.uuid4(), uuid.uuid4()
    publish_later(
        service, (1, "well"), (2, "well"), (3, "well"), (4, "well"), subjects=[stuck, other, stuck, other], spoil=True
    )
    eventually(lambda: effects(service) == [(2,), (4,)])
    parked = service.rows("SELECT subject, error IS NOT NULL FROM plut.outbox WHERE parked_at IS NOT NULL")
    assert parked == [(str(stuck), True)]


def test_killed_consumers_and_relays_lose_and_repeat_nothing(probe: Probe) -> None:
    probe.start("chassis.worker")
    service, relay = probe.start("chassis.runtime"), probe.start("chassis.relay")
    database = Database(probe.settings, "probe")
    for number in range(400):
        write(database, (number, "well"))
        if number in (100, 250):
            service.send_signal(signal.SIGKILL)
            relay.send_signal(signal.SIGKILL)
            service, relay = probe.start("chassis.runtime"), probe.start("chassis.relay")
    database.close()
    eventually(lambda: len(effects(probe)) == 400 and len(effects(probe, "bulk")) == 400)
    assert probe.rows(
        "SELECT count(*) FROM (SELECT 1 FROM effect GROUP BY event_id, handler HAVING count(*) > 1) r"
    ) == [(0,)]


def publish_later(probe: Probe, *events: tuple[int, str], **options: Any) -> None:
    """`write` to the probe's database."""
    database = Database(probe.settings, "probe")
    write(database, *events, **options)
    database.close()


def write(
    database: Database, *events: tuple[int, str], subjects: list[uuid.UUID] | None = None, spoil: bool = False
) -> None:
    """Write outbox rows in one transaction, as a use case would, without asking the service.

    `spoil` gives the first one a routing key that is longer than the 255 bytes that AMQP allows.
    """
    with UnitOfWork(database, BATAM) as uow:
        for index, (number, mood) in enumerate(events):
            subject = subjects[index] if subjects else uow.new_id()
            uow.publish(ThingCounted(mood=mood, number=number), subject=subject, unit="21.71", sequence=number)
        uow.flush()
        if spoil:
            uow.session.execute(
                text(
                    "UPDATE plut.outbox SET routing_key = repeat('x', 300)"
                    " WHERE position = (SELECT min(position) FROM plut.outbox)"
                )
            )
