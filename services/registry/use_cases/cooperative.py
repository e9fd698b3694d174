"""What only a cooperative has: its legal entity, its members, its yearly meeting (RAT)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.postgresql import insert

from chassis.unit_of_work import UnitOfWork
from contracts.errors import PlutError
from services.registry.queries.relations import cooperative_view
from services.registry.storage import enterprises, tables
from services.registry.storage.enterprises import Enterprise

_FIELDS = ("legal_number", "founded_members", "members", "women")


def put_cooperative(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Write its figures down; a change is published as an update of the enterprise."""
    found = _cooperative(uow, request)
    given = {name: request[name] for name in _FIELDS if name in request}
    row = {"enterprise": found.id, "unit": found.row["unit"], **given}
    statement = insert(tables.cooperative).values(row)
    uow.session.execute(
        statement.on_conflict_do_update(index_elements=["enterprise"], set_=given or {"unit": row["unit"]})
    )
    enterprises.publish_update(uow, found, sorted(f"cooperative.{name}" for name in given))
    enterprises.store(uow, found)
    uow.audit("cooperative.updated", subject=found.id, unit=found.row["unit"])
    return cooperative_view(uow, found.id)


def record_rat(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Write a yearly meeting down; the same book year again corrects it."""
    found = _cooperative(uow, request)
    base = insert(tables.cooperative).values(enterprise=found.id, unit=found.row["unit"])
    uow.session.execute(base.on_conflict_do_nothing())
    row = {name: request.get(name) for name in ("year", "held_on", "present", "members", "surplus")}
    statement = insert(tables.rat).values(enterprise=found.id, unit=found.row["unit"], **row)
    uow.session.execute(statement.on_conflict_do_update(index_elements=["enterprise", "year"], set_=row))
    uow.audit("cooperative.rat", subject=found.id, unit=found.row["unit"], detail={"year": request["year"]})
    return cooperative_view(uow, found.id)


def _cooperative(uow: UnitOfWork, request: dict[str, Any]) -> Enterprise:
    found = enterprises.enterprise_of(uow, request["enterprise"], expected_version=request.get("expected_version"))
    if found.row["kind"] != "koperasi":
        raise PlutError("registry.not-a-cooperative-refused", "It is not a cooperative.", "Usaha ini bukan koperasi.")
    return found
