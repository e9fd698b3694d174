"""What is on record, read by those who answer for a unit; what was done for an owner, by the two whom it concerns."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Select, or_, select

from chassis.scope import in_scope
from chassis.tables import audit as table
from chassis.unit_of_work import UnitOfWork
from contracts.access import HEADS

_SHOWN: Final = tuple(column for column in table.c if column.name not in ("chain", "sequence", "hash"))


def list_audit(uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """A page of acts in the caller's scope, newest first: `{items, next}`. What belongs to no unit is the nation's."""
    query = select(*_SHOWN)
    for scopes in (uow.scopes, [request["unit"]] if request.get("unit") else [""]):
        query = query.where(in_scope(table.c.unit, scopes))
    if account := request.get("account"):
        query = query.where(or_(table.c.account == account, table.c.on_behalf_of == account))
    if action := request.get("action"):
        query = query.where(table.c.action.startswith(action, autoescape=True))
    for name in ("subject", "correlation_id"):
        if request.get(name):
            query = query.where(table.c[name] == request[name])
    if request.get("since"):
        query = query.where(table.c.at >= request["since"])
    if request.get("until"):
        query = query.where(table.c.at < request["until"])
    return _page(uow, query, request)


def list_acts_on_behalf(uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """A page of what was done for an owner under one assistance: only by the caller, for the caller, or in a head's units."""
    concerned = or_(
        table.c.account == uow.context.account,
        table.c.on_behalf_of.in_(map(str, uow.context.owners)),
        in_scope(table.c.unit, uow.context.scopes_for(HEADS)),
    )
    query = select(*_SHOWN).where(
        table.c.on_behalf_of == str(request["owner"]), table.c.purpose == request["purpose"], concerned
    )
    return _page(uow, query, request)


def _page(uow: UnitOfWork, query: Select[Any], request: dict[str, Any]) -> dict[str, Any]:
    """By id, which is of when an act was put on record: acts of one transaction share `at`, and their ids keep their order.

    So `at`, when a transaction began, may go back by as long as two transactions ran side by side.
    """
    if request.get("cursor"):
        query = query.where(table.c.id < request["cursor"])
    limit = request["limit"]
    rows = uow.session.execute(query.order_by(table.c.id.desc()).limit(limit + 1)).mappings().all()
    return {
        "items": [{str(name): value for name, value in row.items()} for row in rows[:limit]],
        "next": rows[limit - 1]["id"] if len(rows) > limit else None,
    }
