"""Make a unit known, or change it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.postgresql import insert

from chassis.unit_of_work import UnitOfWork
from contracts.errors import INVALID_REQUEST, PlutError
from services.registry.queries.units import FIELDS, unit_view
from services.registry.storage import tables
from services.registry.storage.units import require_region


def put_unit(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """The unit as it is then. Raises `invalid-request` for a code or a field of consultants that there isn't."""
    uow.require_scope(request["code"])
    require_region(uow, request["code"], "code")
    unknown = sorted(set(request["consultants"]) - set(FIELDS))
    if unknown:
        raise PlutError(
            INVALID_REQUEST,
            "There is no such field of consultants.",
            "Bidang konsultan itu tidak ada.",
            fields={f"consultants.{name}": [f"One of: {', '.join(FIELDS)}."] for name in unknown},
        )
    row = {column.name: request.get(column.name) for column in tables.unit.c}
    statement = insert(tables.unit).values(row)
    uow.session.execute(statement.on_conflict_do_update(index_elements=["code"], set_=row))
    uow.audit("unit.changed", subject=request["code"], unit=request["code"])
    return unit_view(uow, request["code"])
