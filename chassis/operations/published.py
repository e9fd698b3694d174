"""Published events, as far as they are kept: looked back at, and followed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import ColumnElement, and_, func, select

from chassis.operations.outbox_cursor import ORDER, after, before, read_cursor, write_cursor
from chassis.operations.selecting import selected
from chassis.tables import outbox as table
from chassis.unit_of_work import UnitOfWork
from contracts.api.operations.replays import COMPARED

#: What the broker has taken, without what was given up.
PUBLISHED = and_(table.c.sent_at.is_not(None), table.c.parked_at.is_(None))


def list_published_events(uow: UnitOfWork, request: Mapping[str, Any]) -> dict[str, Any]:
    """A page of published events; raises PlutError `invalid-request` for a wrong cursor.

    `follow` is where `order=oldest` goes on later: behind the newest that is shown, or behind the present.
    """
    oldest_first, place = request["order"] == "oldest", read_cursor(request)
    condition = and_(PUBLISHED, _selected(request))
    if place:
        condition = and_(condition, after(place) if oldest_first else before(place))
    order = ORDER if oldest_first else [column.desc() for column in ORDER]
    query = select(table).where(condition).order_by(*order).limit(request["limit"] + 1)
    rows = uow.session.execute(query).all()
    page = rows[: request["limit"]]
    places = [(row.sent_at, row.position) for row in page]
    if request["body"] and page:
        asked = {name: str(value) for name, value in request.items() if value and name not in ("cursor", "body")}
        uow.audit("published-events.read", detail={**asked, "ids": [str(row.event_id) for row in page]})
    start = place or (request.get("since") or uow.session.execute(select(func.now())).scalar_one(), 0)
    return {
        "items": [_view(row, whole=request["body"]) for row in page],
        "next": write_cursor(places[-1]) if len(rows) > len(page) else None,
        "follow": write_cursor(max(places, default=start)),
    }


def list_published_ids(uow: UnitOfWork, request: Mapping[str, Any]) -> dict[str, Any]:
    """A page of ids of published events of some types, oldest first."""
    place = read_cursor(request)
    condition = and_(of_targets(request), after(place)) if place else of_targets(request)
    query = select(table.c.event_id, *ORDER).where(condition).order_by(*ORDER).limit(COMPARED)
    rows = uow.session.execute(query).all()
    full = len(rows) == COMPARED
    return {
        "items": [row.event_id for row in rows],
        "next": write_cursor((rows[-1].sent_at, rows[-1].position)) if full else None,
    }


def of_targets(request: Mapping[str, Any]) -> ColumnElement[bool]:
    """What a replay is about: published events of its targets' types, in its window and unit."""
    return and_(
        PUBLISHED,
        table.c.type.in_([target["type"] for target in request["targets"]]),
        selected(table, request, by=table.c.sent_at, key=table.c.event_id),
    )


def _view(row: Any, *, whole: bool) -> dict[str, Any]:
    body = bytes(row.body)
    envelope = orjson.loads(body)
    shown = {
        "id": row.event_id,
        "type": row.type,
        "unit": row.unit,
        "subject": row.subject,
        "sequence": envelope.get("sequence"),
        "time": envelope.get("time"),
        "sent_at": row.sent_at,
        "actor": envelope.get("actor"),
        "correlation_id": envelope.get("correlationid"),
        "causation_id": envelope.get("causationid"),
        "data": _flat(envelope.get("data") or {}),
    }
    return {**shown, "body": body.decode()} if whole else shown


def _flat(data: dict[str, Any]) -> dict[str, Any]:
    """Data without nested values: personal fields stand in a type of their own, whatever it is called."""
    return {name: value for name, value in data.items() if not _is_nested(value)}


def _is_nested(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(each, dict | list) for each in value))


def _selected(request: Mapping[str, Any]) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = selected(
        table, request, "type", "subject", by=table.c.sent_at, key=table.c.event_id
    )
    return and_(condition, table.c.event_id == request["event"]) if request.get("event") else condition
