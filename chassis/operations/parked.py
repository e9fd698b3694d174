"""Parked events: outbox rows that the broker refused for good, listed, released and given up by operators.

A row is parked while it has `parked_at` and no `sent_at`; its aggregate waits. One that was given up has both, so that
the relay passes it by, and is kept as long as what was sent.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, select, update

from chassis.operations.failed import NAMED
from chassis.operations.selecting import selected
from chassis.tables import outbox as table
from chassis.unit_of_work import UnitOfWork
from contracts.errors import NOT_FOUND, PlutError

_PARKED = and_(table.c.parked_at.is_not(None), table.c.sent_at.is_(None))
_GIVEN_UP = and_(table.c.parked_at.is_not(None), table.c.sent_at.is_not(None))
_COLUMNS = [table.c[name] for name in ("type", "unit", "subject", "routing_key", "error", "created_at", "parked_at")]


def list_parked_events(uow: UnitOfWork, request: Mapping[str, Any]) -> dict[str, Any]:
    """A page of parked events with how many wait behind each, newest first."""
    condition = and_(_GIVEN_UP if request["state"] == "dropped" else _PARKED, _selected(request))
    if request["cursor"]:
        condition = and_(condition, table.c.position < request["cursor"])
    rows = _read(uow, condition, limit=request["limit"] + 1)
    page = rows[: request["limit"]]
    following = page[-1]["position"] if len(rows) > len(page) else None
    return {"items": [_view(row) for row in page], "next": following}


def get_parked_event(uow: UnitOfWork, request: Mapping[str, Any]) -> dict[str, Any]:
    """One parked or given up event with its body; raises PlutError `not-found`."""
    # two representations of one fact share the event's id: the newest row that was parked
    rows = _read(uow, and_(table.c.parked_at.is_not(None), table.c.event_id == request["id"]), limit=1)
    if not rows:
        raise PlutError(NOT_FOUND, "There is no such parked event.", "Kejadian terparkir itu tidak ada.")
    uow.audit("parked-event.read", subject=request["id"], unit=rows[0]["unit"])
    body = uow.session.execute(select(table.c.body).where(table.c.position == rows[0]["position"])).scalar_one()
    return {**_view(rows[0]), "body": bytes(body).decode("utf-8", "backslashreplace")}


def release_parked_events(uow: UnitOfWork, request: Mapping[str, Any]) -> dict[str, Any]:
    """Have parked events published after all; by ids also those that were given up."""
    values = {"parked_at": None, "sent_at": None, "error": None}
    which = table.c.parked_at.is_not(None) if request["ids"] else _PARKED
    return _mend(uow, request, which, "parked-event.released", values)


def drop_parked_events(uow: UnitOfWork, request: Mapping[str, Any]) -> dict[str, Any]:
    """Give parked events up: nobody hears of them, and their aggregates go on."""
    note = f"\ndropped by account {uow.context.account}: {request['reason']}"
    values = {"sent_at": uow.now, "error": func.coalesce(table.c.error, "") + literal(note)}
    return _mend(uow, request, _PARKED, "parked-event.dropped", values, reason=request["reason"])


def _mend(
    uow: UnitOfWork,
    request: Mapping[str, Any],
    which: ColumnElement[bool],
    action: str,
    values: dict[str, Any],
    **detail: Any,
) -> dict[str, Any]:
    condition = and_(which, _selected(request))
    if request["dry_run"]:
        return {"count": uow.session.execute(select(func.count()).where(condition)).scalar()}
    changed = list(
        uow.session.execute(update(table).where(condition).values(values).returning(table.c.event_id)).scalars()
    )
    uow.audit(action, detail={"ids": [str(each) for each in changed[:NAMED]], "count": len(changed), **detail})
    return {"count": len(changed)}


def _read(uow: UnitOfWork, condition: ColumnElement[bool], *, limit: int) -> list[dict[str, Any]]:
    columns = [table.c.position, table.c.event_id, table.c.sent_at, *_COLUMNS]
    query = select(*columns).where(condition).order_by(table.c.position.desc()).limit(limit)
    rows = [dict(row) for row in uow.session.execute(query).mappings()]
    behind = _unsent(uow, {row["subject"] for row in rows if row["sent_at"] is None})
    for row in rows:
        positions = behind.get(row["subject"], []) if row["sent_at"] is None else []
        row["waiting"] = len(positions) - bisect_right(positions, row["position"])
    return rows


def _unsent(uow: UnitOfWork, subjects: set[str]) -> dict[str, list[int]]:
    """Positions of what isn't sent, by aggregate, in order."""
    query = select(table.c.subject, table.c.position).where(table.c.sent_at.is_(None), table.c.subject.in_(subjects))
    found: dict[str, list[int]] = {}
    for subject, position in uow.session.execute(query.order_by(table.c.position)) if subjects else ():
        found.setdefault(subject, []).append(position)
    return found


def _view(row: dict[str, Any]) -> dict[str, Any]:
    shown = {column.name: row[column.name] for column in _COLUMNS}
    state = "parked" if row["sent_at"] is None else "dropped"
    return {"id": row["event_id"], **shown, "waiting": row["waiting"], "state": state, "dropped_at": row["sent_at"]}


def _selected(request: Mapping[str, Any]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = selected(table, request, "type", "subject", by=table.c.parked_at, key=table.c.event_id)
    return found
