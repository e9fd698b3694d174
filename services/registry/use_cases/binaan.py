"""Begin and end the relation between a unit and an enterprise that it accompanies."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.unit_of_work import UnitOfWork
from contracts.errors import PlutError
from services.registry.queries.relations import binaan_view
from services.registry.storage import enterprises, tables

_table = tables.binaan


def begin_binaan(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """From a day on; one that lasts already is answered as it is."""
    found = enterprises.enterprise_of(uow, request["enterprise"])
    there = uow.session.execute(
        select(_table.c.id).where(_table.c.enterprise == found.id, _table.c.until.is_(None))
    ).scalar()
    if there is not None:
        return binaan_view(uow, there)
    row = {
        "id": uow.new_id(),
        "enterprise": found.id,
        "unit": found.row["unit"],
        "by_unit": found.row["unit"],
        "since": request.get("since") or uow.now.date(),
    }
    uow.session.execute(_table.insert(), row)
    uow.audit("binaan.begun", subject=found.id, unit=found.row["unit"])
    return binaan_view(uow, row["id"])


def end_binaan(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Until a day. Raises `registry.binaan-not-found` where none lasts."""
    found = enterprises.enterprise_of(uow, request["enterprise"], active=False)
    ended = uow.session.execute(
        _table.update()
        .where(_table.c.enterprise == found.id, _table.c.until.is_(None))
        .values(until=request.get("until") or uow.now.date(), reason=request.get("reason"))
        .returning(_table.c.id)
    ).scalar()
    if ended is None:
        raise PlutError("registry.binaan-not-found", "No unit accompanies it now.", "Usaha ini sedang tidak dibina.")
    uow.audit("binaan.ended", subject=found.id, unit=found.row["unit"])
    return binaan_view(uow, ended)
