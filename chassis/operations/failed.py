"""Failed events, read and mended by operators. What tries them again is `chassis.failed_events`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal, select, update

from chassis.operations.selecting import selected
from chassis.tables import failed_event as table
from chassis.unit_of_work import UnitOfWork
from contracts.errors import NOT_FOUND, PlutError

#: Ids that an audit row names; its count is of all.
NAMED = 1_000


def list_failed_events(uow: UnitOfWork, request: Mapping[str, Any]) -> dict[str, Any]:
    """A page of failed events, newest first."""
    condition = _selected(request)
    if request["cursor"]:
        condition = and_(condition, table.c.id < request["cursor"])
    columns = [column for column in table.c if column.name != "body"]
    query = select(*columns).where(condition).order_by(table.c.id.desc()).limit(request["limit"] + 1)
    rows = [dict(row) for row in uow.session.execute(query).mappings()]
    page = rows[: request["limit"]]
    return {"items": page, "next": page[-1]["id"] if len(rows) > len(page) else None}


def get_failed_event(uow: UnitOfWork, request: Mapping[str, Any]) -> dict[str, Any]:
    """One failed event with its body; raises PlutError `not-found`."""
    row = uow.session.execute(select(table).where(table.c.id == request["id"])).mappings().one_or_none()
    if row is None:
        raise PlutError(NOT_FOUND, "There is no such failed event.", "Kejadian gagal itu tidak ada.")
    uow.audit("failed-event.read", subject=row["id"], unit=row["unit"])
    return {**row, "body": bytes(row["body"]).decode("utf-8", "backslashreplace")}


def retry_failed_events(uow: UnitOfWork, request: Mapping[str, Any]) -> dict[str, Any]:
    """Have failed events tried again at once, dead and dropped ones with a fresh schedule."""
    return _mend(uow, request, "failed-event.retried", {"state": "waiting", "next_attempt_at": uow.now, "attempts": 0})


def drop_failed_events(uow: UnitOfWork, request: Mapping[str, Any]) -> dict[str, Any]:
    """Drop failed events: they are kept, and tried no more."""
    note = f"\ndropped by account {uow.context.account}: {request['reason'] or 'no reason given'}"
    values = {"state": "dropped", "next_attempt_at": None, "error": table.c.error + literal(note)}
    return _mend(uow, request, "failed-event.dropped", values, reason=request["reason"])


def _mend(
    uow: UnitOfWork, request: Mapping[str, Any], action: str, values: dict[str, Any], **detail: Any
) -> dict[str, Any]:
    if request["dry_run"]:
        return {"count": uow.session.execute(select(func.count()).where(_selected(request))).scalar()}
    changed: list[UUID] = list(
        uow.session.execute(update(table).where(_selected(request)).values(values).returning(table.c.id)).scalars()
    )
    uow.audit(action, detail={"ids": [str(each) for each in changed[:NAMED]], "count": len(changed), **detail})
    return {"count": len(changed)}


def _selected(request: Mapping[str, Any]) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = selected(
        table, request, "subscription", "type", "state", by=table.c.failed_at, key=table.c.id
    )
    return and_(condition, table.c.event_id == request["event"]) if request.get("event") else condition
