"""R7: old repeats are harmless."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pika
import pytest
import requests

from chassis import retention
from chassis.broker.topology import EXPRESS
from chassis.database import Database
from chassis.identifiers import lowest_id
from chassis.settings import Settings
from chassis.unit_of_work import utc_now
from contracts.events import CONTENT_TYPE
from tests.chaos.machine import ChaosStack
from tests.chaos.trial import Trial, Try
from tests.chaos.writing import registry, subjects, tell, unit_of_work
from tests.stack import eventually

DAYS, EVENTS = 29, 200
SUBSCRIPTION = "notifications.enterprise-updated"


@pytest.mark.slow
def test_events_replayed_after_twenty_nine_days_have_no_effect(trial: Try) -> None:
    with trial("R7") as it, it.load(5):
        old = _publish_as_of(it, DAYS)
        it.settle(60)
        assert _partition(it.stack, old[0]) == f"inbox_{utc_now() - timedelta(days=DAYS):%Y%m%d}"
        for day in range(DAYS):
            _night(it.stack, day)
        before = _repeats(it)
        _replay(it, old)
        it.outcome.faults = len(old)
        # what is behind them in the same queue has come through, so they have, too
        eventually(lambda: _repeats(it) >= before + len(old))
        it.seconds_until_it_works(30)
        it.settle(60)


def _publish_as_of(it: Trial, days: int) -> list[UUID]:
    """Events of that long ago, as if they had been taken in that time: their ids say so, and the day's partition is there."""
    then = utc_now() - timedelta(days=days)
    with it.stack.connect("notifications") as connection:
        low, high = (
            lowest_id(then.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=n)) for n in (0, 1)
        )
        connection.execute(
            f"CREATE TABLE plut.inbox_{then:%Y%m%d} PARTITION OF plut.inbox FOR VALUES FROM ('{low}') TO ('{high}')"
        )
        connection.execute(f"ALTER TABLE plut.inbox_{then:%Y%m%d} OWNER TO plut")
    first = lowest_id(then)
    old = [UUID(int=first.int + number + 1) for number in range(EVENTS)]
    with registry(it.stack) as database, unit_of_work(database) as uow:
        for subject in subjects(EVENTS):
            tell(uow, subject, 1)
        uow._outbox[:] = [
            (event, kind, subject, unit, key, _dated(body, event), at)
            for event, (_, kind, subject, unit, key, body, at) in zip(old, uow._outbox, strict=True)
        ]
    return old


def _dated(body: bytes, event: UUID) -> bytes:
    return msgspec.json.encode(msgspec.json.decode(body) | {"id": str(event)})


def _night(stack: ChaosStack, day: int) -> None:
    """What the worker does every night, `day` days before today."""
    database = Database(Settings.from_environment(stack.environment()), "notifications")
    with unit_of_work(database) as uow:
        uow.now = utc_now() - timedelta(days=DAYS - 1 - day)
        retention.keep(uow, days=30)
    database.close()


def _replay(it: Trial, events: list[UUID]) -> None:
    with it.stack.connect("registry") as connection:
        query = "SELECT event_id::text, routing_key, body FROM plut.outbox WHERE event_id = ANY(%s)"
        rows: list[Any] = connection.execute(query, (events,)).fetchall()
    with pika.BlockingConnection(pika.URLParameters(it.platform.amqp_url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        for event, key, body in rows:
            properties = pika.BasicProperties(content_type=CONTENT_TYPE, delivery_mode=2, message_id=event)
            channel.basic_publish(EXPRESS.exchange, key, bytes(body), properties)


def _partition(stack: ChaosStack, event: UUID) -> str:
    with stack.connect("notifications") as connection:
        query = "SELECT tableoid::regclass::text FROM plut.inbox WHERE event_id = %s"
        row = connection.execute(query, (event,)).fetchone()
        return str(row and row[0]).removeprefix("plut.")


def _repeats(it: Trial) -> float:
    metrics = requests.get(f"{it.stack.ports.url('health-notifications')}/metrics", timeout=30).text
    name = f'plut_event_repeats_total{{subscription="{SUBSCRIPTION}"}} '
    return sum(float(line.removeprefix(name)) for line in metrics.splitlines() if line.startswith(name))
