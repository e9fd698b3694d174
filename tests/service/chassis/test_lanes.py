"""What jobs publish by the thousand doesn't stand before anybody, and nobody sees an aggregate's events swapped."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from chassis.broker.topology import EVENTS_EXCHANGE
from chassis.database import Database
from chassis.unit_of_work import UnitOfWork
from tests.probe.facts.probe import ThingCounted
from tests.service.chassis.probe import BATAM, Probe
from tests.stack import eventually

Told = tuple[str, int]


@pytest.fixture
def database(probe: Probe) -> Iterator[Database]:
    one = Database(probe.settings, "probe")
    yield one
    one.close()


@pytest.fixture
def channel(probe: Probe) -> Iterator[BlockingChannel]:
    with pika.BlockingConnection(pika.URLParameters(probe.settings.amqp_url)) as connection:
        channel = connection.channel()
        yield channel


def tell(database: Database, *events: Told, bulk: bool) -> None:
    with UnitOfWork(database, BATAM, bulk=bulk) as uow:
        uow.publish_many(
            (ThingCounted(mood="well", number=number), uuid.UUID(subject), "21.71", number)
            for subject, number in events
        )


def gather(channel: BlockingChannel, queue: str) -> list[Told]:
    found = []
    while True:
        _, _, body = channel.basic_get(queue, auto_ack=True)
        if body is None:
            return found
        event = json.loads(body)
        found.append((event["subject"], event["data"]["number"]))


def partner(channel: BlockingChannel, name: str, **arguments: Any) -> Callable[[], list[Told]]:
    """A partner's queue; returns what gives everything that has come so far."""
    channel.queue_declare(name, durable=True, arguments=arguments)
    channel.queue_bind(name, EVENTS_EXCHANGE, "probe.thing-counted.v1.#")
    heard: list[Told] = []

    def all_so_far() -> list[Told]:
        heard.extend(gather(channel, name))
        return heard

    return all_so_far


def someone() -> str:
    return str(uuid.uuid4())


def test_one_change_passes_a_job_s_thousands(probe: Probe, database: Database, channel: BlockingChannel) -> None:
    heard = partner(channel, "partner")
    tell(database, *((someone(), number) for number in range(1, 3001)), bulk=True)
    single = (someone(), 1)
    tell(database, single, bulk=False)
    probe.start("chassis.relay")
    eventually(lambda: len(heard()) == 3001)
    assert heard().index(single) < 1500


def test_an_aggregate_s_events_keep_their_order_across_lanes(
    probe: Probe, database: Database, channel: BlockingChannel
) -> None:
    heard = partner(channel, "partner")
    many = [someone() for _ in range(20)]
    for number in range(1, 31):
        tell(database, *((subject, number) for subject in many), bulk=number % 3 == 0)
        tell(database, *((someone(), 1) for _ in range(40)), bulk=True)
    probe.start("chassis.relay")
    eventually(lambda: len(heard()) == 30 * 60)
    for subject in many:
        assert [number for each, number in heard() if each == subject] == list(range(1, 31))


def test_both_lanes_lead_to_one_effect(probe: Probe, database: Database) -> None:
    probe.start("chassis.relay")
    probe.start("chassis.runtime")
    tell(database, *((someone(), number) for number in range(50)), bulk=True)
    tell(database, *((someone(), number) for number in range(50, 60)), bulk=False)
    eventually(lambda: probe.rows("SELECT count(*) FROM effect WHERE handler = 'each'") == [(60,)])
    probe.rows("UPDATE plut.outbox SET sent_at = NULL, bulk = NOT bulk RETURNING 1")
    eventually(lambda: probe.rows("SELECT count(*) FROM plut.outbox WHERE sent_at IS NULL") == [(0,)])
    tell(database, (someone(), 60), bulk=False)
    tell(database, (someone(), 61), bulk=True)
    eventually(lambda: probe.rows("SELECT max(number) FROM effect WHERE handler = 'bulk'") == [(61,)])
    eventually(lambda: probe.rows("SELECT count(*), count(DISTINCT event_id) FROM effect") == [(124, 62)])


def test_what_the_broker_refuses_for_the_moment_is_not_overtaken(
    probe: Probe, database: Database, channel: BlockingChannel
) -> None:
    # a queue that is full most of the time: the broker takes some events of a window and not others
    heard = partner(channel, "crowded", **{"x-max-length": 7, "x-overflow": "reject-publish"})
    many = [someone() for _ in range(10)]
    tell(database, *((subject, number) for number in range(1, 21) for subject in many), bulk=False)
    probe.start("chassis.relay")
    eventually(lambda: heard() and len(set(heard())) == 200)
    for subject in many:
        first_seen = dict.fromkeys(number for each, number in heard() if each == subject)
        assert list(first_seen) == list(range(1, 21))


def test_a_parked_event_holds_its_aggregate_in_both_lanes(
    probe: Probe, database: Database, channel: BlockingChannel
) -> None:
    heard = partner(channel, "partner")
    stuck, others = someone(), [someone() for _ in range(30)]
    tell(database, (stuck, 1), bulk=False)
    probe.rows("UPDATE plut.outbox SET routing_key = repeat('x', 300) RETURNING 1")
    for number, bulk in zip(range(2, 6), itertools.cycle([True, False]), strict=False):
        tell(database, (stuck, number), *((subject, number) for subject in others), bulk=bulk)
    probe.start("chassis.relay")
    eventually(lambda: len(heard()) == 120)
    assert probe.rows("SELECT count(*) FROM plut.outbox WHERE sent_at IS NULL") == [(5,)]
    probe.database.execute(
        "UPDATE plut.outbox SET parked_at = NULL, routing_key = 'probe.thing-counted.v1' WHERE parked_at IS NOT NULL"
    )
    eventually(lambda: [number for each, number in heard() if each == stuck] == [1, 2, 3, 4, 5])
