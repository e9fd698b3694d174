"""The outbox: events as rows, written in the transaction of the change that they tell of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.copying import copying, moment
from chassis.database import driver_connection
from chassis.tables import outbox
from contracts.events import Envelope, Event, encode, routing_key, schema_url, sequence

Row = tuple[UUID, str, str, str, str, bytes, datetime]
Publication = tuple[Event, UUID, str, int]
"""An event, its aggregate, the aggregate's unit and its version."""
_COLUMNS = ("event_id", "type", "subject", "unit", "routing_key", "body", "created_at")
_TYPES = ("bytea", "text", "text", "text", "text", "bytea", "bytea")
#: From so many rows on, COPY is faster than INSERT.
_COPY_FROM = 20


def row(
    event: Event,
    *,
    event_id: UUID,
    subject: UUID,
    unit: str,
    version: int,
    now: datetime,
    actor: str,
    correlation_id: str | None,
    causation_id: str | None,
) -> Row:
    """An event about aggregate `subject` of `unit`, whose version is now `version`, as an outbox row."""
    event_type = type(event)
    source, schema, key = _addresses(event_type, unit)
    envelope = Envelope(
        id=event_id,
        source=source,
        type=event_type.type,
        subject=str(subject),
        time=now,
        dataschema=schema,
        unit=unit,
        sequence=sequence(version),
        correlationid=correlation_id,
        causationid=causation_id,
        actor=actor,
        data=event,
    )
    return event_id, event_type.type, envelope.subject, unit, key, encode(envelope), now


@lru_cache(maxsize=4096)
def _addresses(event_type: type[Event], unit: str) -> tuple[str, str, str]:
    """Source, schema and routing key."""
    return f"/plut/{event_type.service}", schema_url(event_type), routing_key(event_type, unit)


def write(session: Session, rows: Sequence[Row], *, bulk: bool = False) -> None:
    """Write outbox rows into the express or the bulk lane, by COPY where there are many."""
    if not rows:
        return
    if len(rows) < _COPY_FROM:
        values: list[dict[str, Any]] = [dict(zip(_COLUMNS, each, strict=True)) | {"bulk": bulk} for each in rows]
        # inline: nothing is read back of what an owner may write, but not read
        session.execute(outbox.insert().inline(), values)
        return
    lane = b"\1" if bulk else b"\0"
    columns, types = (*_COLUMNS, "bulk"), (*_TYPES, "bytea")
    with copying(driver_connection(session.connection()), "plut.outbox", columns, types) as copy:
        for event_id, *texts, created_at in rows:
            copy.write_row((event_id.bytes, *texts, moment(created_at), lane))
