"""The PLUT offices."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from chassis.scope import in_scope
from chassis.unit_of_work import UnitOfWork
from contracts.errors import PlutError
from services.registry.storage.tables import enterprise, unit

FIELDS = ("kelembagaan", "sdm", "produksi", "pembiayaan", "pemasaran", "it", "jaringan")
LEAST_CONSULTANTS = 5
"""Permenkop 9/2023."""


def get_unit(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """One unit; raises `registry.unit-not-found`."""
    return unit_view(uow, request["code"])


def unit_view(uow: UnitOfWork, code: str) -> dict[str, Any]:
    """The same by code."""
    found = _units(uow, [unit.c.code == code])
    if not found:
        raise PlutError("registry.unit-not-found", f"There is no unit {code}.", f"Tidak ada unit {code}.")
    return found[0]


def list_units(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Units by code."""
    return {"items": _units(uow, [in_scope(unit.c.code, [request["within"]])])}


def _units(uow: UnitOfWork, conditions: list[Any]) -> list[dict[str, Any]]:
    counted = (
        select(func.count())
        .where(enterprise.c.unit == unit.c.code, enterprise.c.state == "active")
        .scalar_subquery()
        .label("enterprises")
    )
    query = select(unit, counted).where(in_scope(unit.c.code, uow.scopes), *conditions).order_by(unit.c.code)
    return [
        dict(row) | {"too_few_consultants": sum(row["consultants"].values()) < LEAST_CONSULTANTS}
        for row in uow.session.execute(query).mappings()
    ]
