"""Show a NIK in full, and write down who looked and what for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.scope import in_scope
from chassis.unit_of_work import UnitOfWork
from contracts.errors import PlutError
from services.registry.storage import tables
from services.registry.storage.enterprises import not_found
from services.registry.storage.looks import note_look
from services.registry.storage.nik_vault import open_nik


def reveal_nik(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """The sixteen digits. Raises `registry.nik-not-found` where none is known."""
    enterprise, owner = tables.enterprise, tables.owner
    query = (
        select(enterprise.c.unit, owner.c.id, owner.c.nik_ciphertext)
        .join(owner, owner.c.id == enterprise.c.owner_id)
        .where(enterprise.c.id == request["id"], in_scope(enterprise.c.unit, uow.scopes))
    )
    row = uow.session.execute(query).one_or_none()
    if row is None:
        raise not_found()
    if row.nik_ciphertext is None:
        raise PlutError("registry.nik-not-found", "No NIK is known of the owner.", "NIK pemilik tidak diketahui.")
    note_look(uow, request["id"], row.unit, what="nik", purpose=request["purpose"])
    uow.audit("nik.revealed", subject=request["id"], unit=row.unit, purpose=request["purpose"])
    return {"id": request["id"], "nik": open_nik(uow, row.nik_ciphertext, row.id)}
