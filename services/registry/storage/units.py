"""Codes of units against the list of regions."""

from __future__ import annotations

from sqlalchemy import text

from chassis.unit_of_work import UnitOfWork
from contracts.errors import INVALID_REQUEST, PlutError

_IS_NOWHERE = text(
    "SELECT EXISTS (SELECT FROM region)"
    " AND NOT EXISTS (SELECT FROM region WHERE code = :code OR (code > :code || '.' AND code < :code || '/'))"
)


def require_region(uow: UnitOfWork, code: str, field: str) -> None:
    """Raise PlutError `invalid-request` for `field` where a unit's code is no region's and nothing lies below it.

    Any code is good while no regions have been loaded.
    """
    if uow.session.execute(_IS_NOWHERE, {"code": code}).scalar():
        indonesian, en = f"Tidak ada wilayah dengan kode {code}.", f"There is no region with the code {code}."
        raise PlutError(INVALID_REQUEST, en, indonesian, fields={field: [indonesian, en]})
