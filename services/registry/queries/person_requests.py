"""Persons' requests about their own data, as officers see them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from chassis.scope import in_scope
from chassis.unit_of_work import UnitOfWork
from contracts.errors import PlutError
from services.registry.queries.pages import page_of, position_of
from services.registry.storage.tables import person_request as table

_SHOWN = (
    "id", "unit", "kind", "state", "enterprise", "enterprises", "how", "requested_at", "due_at", "completed_at", "closed_at",
    "version",
)  # fmt: skip
# a person with a NIK is known by it; policies hold the rows to the caller's scope
_ELSEWHERE = text(
    "SELECT DISTINCT o.unit FROM owner o WHERE o.unit <> :unit AND o.nik_hash IN"
    " (SELECT nik_hash FROM owner WHERE id = ANY(:owners) AND nik_hash IS NOT NULL) ORDER BY o.unit"
)


def get_person_request(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """One request; raises `registry.person-request-not-found` also where it is out of the caller's scope."""
    return person_request_view(uow, person_request_of(uow, request["id"]))


def list_person_requests(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Requests, newest first."""
    query = select(table).where(in_scope(table.c.unit, uow.scopes)).order_by(table.c.id.desc())
    if request.get("unit"):
        query = query.where(in_scope(table.c.unit, [request["unit"]]))
    for name in ("state", "kind"):
        if request.get(name):
            query = query.where(table.c[name] == request[name])
    if request["overdue"]:
        query = query.where(table.c.state != "closed", table.c.due_at < uow.now)
    if (position := position_of(request, UUID)) is not None:
        query = query.where(table.c.id < position[0])
    rows = uow.session.execute(query.limit(request["limit"] + 1)).all()
    views = [person_request_view(uow, row) for row in rows]
    return page_of(views, request["limit"], lambda item: (item["id"],))


def person_request_of(uow: UnitOfWork, request_id: UUID, *, lock: bool = False) -> Any:
    """A request's row; raises `registry.person-request-not-found`."""
    query = select(table).where(table.c.id == request_id, in_scope(table.c.unit, uow.scopes))
    row = uow.session.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise PlutError("registry.person-request-not-found", "There is no such request.", "Permintaan itu tidak ada.")
    return row


def person_request_view(uow: UnitOfWork, row: Any) -> dict[str, Any]:
    """A request as officers see it."""
    known = uow.session.execute(_ELSEWHERE, {"unit": row.unit, "owners": row.owners}).scalars()
    return {name: getattr(row, name) for name in _SHOWN} | {
        "elsewhere": list(known),
        "overdue": row.state != "closed" and row.due_at < uow.now,
        "missing": sorted(row.awaited),
        "answers": [{name: each[name] for name in ("service", "records", "at")} for each in row.answers],
    }
