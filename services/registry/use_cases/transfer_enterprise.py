"""Hand an enterprise over to another unit."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from chassis.unit_of_work import UnitOfWork
from contracts.errors import INVALID_REQUEST, PlutError
from contracts.registry import EnterpriseTransferred
from services.registry.storage import enterprises, tables
from services.registry.storage.consents import require_sharing
from services.registry.storage.enterprises import Enterprise
from services.registry.storage.event_data import contact
from services.registry.storage.nik_vault import open_nik, seal_nik
from services.registry.storage.units import require_region

_CHILDREN = ("measurement", "consent", "cooperative", "rat", "binaan", "access_log")
"""Everything that hangs on it goes along, also which units accompanied it (`binaan.by_unit`)."""


def transfer_enterprise(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Move the enterprise, what hangs on it, and its owner (a copy where the owner has others in the old unit)."""
    found = enterprises.enterprise_of(uow, request["id"], expected_version=request["expected_version"])
    before, after = found.row["unit"], request["to_unit"]
    if before == after:
        raise PlutError(
            INVALID_REQUEST,
            "It is in that unit already.",
            "Usaha ini sudah di unit tersebut.",
            fields={"to_unit": ["Usaha ini sudah di unit tersebut.", "It is in that unit already."]},
        )
    require_region(uow, after, "to_unit")
    if not uow.session.execute(text("SELECT EXISTS (SELECT FROM unit WHERE code = :code)"), {"code": after}).scalar():
        raise PlutError("registry.unit-not-found", f"There is no unit {after}.", f"Tidak ada unit {after}.")
    require_sharing(uow, found, after, request.get("consent_how"))
    uow.hand_over_to(after)
    _move_owner(uow, found, after)
    found.row["unit"] = after
    uow.session.execute(
        text("UPDATE binaan SET until = :today, reason = 'transfer' WHERE enterprise = :id AND until IS NULL"),
        {"today": uow.now.date(), "id": found.id},
    )
    for child in _CHILDREN:
        uow.session.execute(
            text(f"UPDATE {child} SET unit = :unit WHERE enterprise = :id"),
            {"unit": after, "id": found.id},
        )
    event = EnterpriseTransferred(
        enterprise=found.id, from_unit=before, to_unit=after, contact=contact(found.row, found.owner)
    )
    enterprises.publish(uow, found, event)
    enterprises.store(uow, found, reindex=True)
    detail = {"from": before, "to": after}
    for unit in (before, after):
        uow.audit("enterprise.transferred", subject=found.id, unit=unit, detail=detail)
    return {"id": found.id, "unit": after, "version": found.row["version"], "state": found.row["state"]}


def _move_owner(uow: UnitOfWork, found: Enterprise, unit: str) -> None:
    stays = bool(enterprises.siblings(uow, found))
    moved = found.owner | {"id": uow.new_id() if stays else found.owner["id"], "unit": unit}
    if moved["nik_ciphertext"] is not None:
        # it opens for one owner only, and with a key of the unit
        digits = open_nik(uow, moved["nik_ciphertext"], found.owner["id"])
        moved["nik_ciphertext"] = seal_nik(uow, unit, digits, moved["id"])
    if stays:
        uow.session.execute(tables.owner.insert(), moved)
    found.owner = moved
    found.row["owner_id"] = moved["id"]
