"""The outbox: events as rows, written in the transaction of the change that they tell of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.database import driver_connection
from chassis.identifiers import new_id
from chassis.tables import outbox
from contracts.access import AccessContext
from contracts.events import Envelope, Event, encode, routing_key, schema_url, sequence


@dataclass(frozen=True, slots=True)
class Publication:
    """An event about to be published: about whom (`subject`), whose (`unit`), and the aggregate's version."""

    event: Event
    subject: UUID
    unit: str
    sequence: int


def write(
    session: Session,
    publications: Iterable[Publication],
    *,
    context: AccessContext,
    now: datetime,
    causation: str | None = None,
) -> None:
    """Write outbox rows, by COPY where there are many."""
    rows = [_row(publication, context, now, causation) for publication in publications]
    if not rows:
        return
    if len(rows) <= _COPY_FROM:
        session.execute(outbox.insert(), [dict(zip(_COLUMNS, row, strict=True)) for row in rows])
        return
    statement = f"COPY plut.outbox ({', '.join(_COLUMNS)}) FROM STDIN (FORMAT BINARY)"
    with driver_connection(session.connection()).cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(["uuid", "text", "text", "text", "text", "bytea", "timestamptz"])
        for row in rows:
            copy.write_row(row)


_COPY_FROM = 20
_COLUMNS = ("event_id", "type", "subject", "unit", "routing_key", "body", "created_at")


def _row(publication: Publication, context: AccessContext, now: datetime, causation: str | None) -> tuple[Any, ...]:
    event_type = type(publication.event)
    event_id = new_id()
    subject = str(publication.subject)
    envelope = Envelope(
        id=event_id,
        source=f"/plut/{event_type.service}",
        type=event_type.type,
        subject=subject,
        time=now,
        dataschema=schema_url(event_type),
        unit=publication.unit,
        sequence=sequence(publication.sequence),
        correlationid=context.correlation_id or None,
        causationid=causation,
        actor=context.account,
        data=publication.event,
    )
    return (
        event_id,
        event_type.type,
        subject,
        publication.unit,
        routing_key(event_type, publication.unit),
        encode(envelope),
        now,
    )
