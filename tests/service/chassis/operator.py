"""An operator of the probe service, and the events that give one work."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import text

from chassis.database import Database
from chassis.unit_of_work import UnitOfWork
from contracts.access import OPERATOR, SYSTEM, AccessContext, Grant
from contracts.api.operations import METHODS
from tests.probe.facts.probe import ThingCounted
from tests.service.chassis.probe import BATAM, Probe

WHO = AccessContext(account="0190-operator", name="Operator", grants=(Grant(OPERATOR, ""),), correlation_id="c-op")
TYPE = "id.plut.probe.thing-counted.v1"
EACH, BULK = "probe.thing-counted", "probe.together"


def ask(probe: Probe, method: str, **request: Any) -> Any:
    """What an operator is answered, in the shape that the contract gives."""
    reply = probe.call(method, request, WHO)
    assert METHODS[method][1]().validate(reply) == {}
    return reply


def ago(**long: float) -> str:
    """A moment of the past, as the API takes it."""
    return (datetime.now(UTC) - timedelta(**long)).isoformat()


def audits(probe: Probe, action: str) -> list[Any]:
    """What was recorded of an action: account, subject, detail."""
    return probe.rows("SELECT account, subject, detail FROM plut.audit WHERE action = %s ORDER BY at", action)


def effects(probe: Probe, handler: str = "each") -> list[int]:
    """Numbers of the events that had their effect, as often as they had it."""
    return [row[0] for row in probe.rows("SELECT number FROM effect WHERE handler = %s ORDER BY number", handler)]


def publish(
    probe: Probe,
    *numbers: int,
    mood: str = "well",
    unit: str = "21.71",
    subject: uuid.UUID | None = None,
    key: str = "",
) -> list[str]:
    """Outbox rows in one transaction, as a use case would write them; returns the events' ids.

    Those with a `key` are published by that one: longer than 255 bytes, the broker can't take it.
    """
    database = Database(probe.settings, "probe")
    with UnitOfWork(database, msgspec.structs.replace(SYSTEM, account=BATAM.account)) as uow:
        for number in numbers:
            about = subject or uow.new_id()
            uow.publish(ThingCounted(mood=mood, number=number), subject=about, unit=unit, sequence=number)
        uow.flush()
        if key:
            uow.session.execute(text("UPDATE plut.outbox SET routing_key = :key WHERE sent_at IS NULL"), {"key": key})
        rows = uow.session.execute(
            text("SELECT event_id FROM plut.outbox ORDER BY position DESC LIMIT :n"), {"n": len(numbers)}
        )
        ids = [str(each) for each in rows.scalars()][::-1]
    database.close()
    return ids
