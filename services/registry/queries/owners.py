"""Owners, for the gateway: who signs in with which phone."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import exists, select

from chassis.scope import in_scope
from chassis.unit_of_work import UnitOfWork
from contracts.errors import PlutError
from services.registry.storage.tables import enterprise, owner, unit

#: A phone that stands for more owners than this is an office's or a template's, and nobody's own.
MOST: Final = 20


def find_owners_by_phone(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Owners with this phone and the units of their businesses, merged records aside: `{items: [{owner, unit}]}`.

    A business's own phone doesn't count: it may ring at an employee's.
    """
    found = uow.session.execute(
        select(owner.c.id.label("owner"), enterprise.c.unit)
        .join(enterprise, enterprise.c.owner_id == owner.c.id)
        .where(owner.c.phone == request["phone"], enterprise.c.state.not_in(("merged", "erased")))
        .distinct()
        .order_by(owner.c.id, enterprise.c.unit)
        .limit(MOST + 1)
    ).all()
    return {"items": [] if len(found) > MOST else [{"owner": str(row.owner), "unit": row.unit} for row in found]}


def get_owner_contact(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """An owner's unit, office and phone; raises `registry.owner-not-found` also out of the caller's scope.

    And for one whose data was destroyed: there is nobody left to speak for.
    """
    query = (
        select(owner.c.id, owner.c.unit, owner.c.phone, unit.c.name.label("office"), unit.c.phone.label("office_phone"))
        .outerjoin(unit, unit.c.code == owner.c.unit)
        .where(
            owner.c.id == request["id"],
            in_scope(owner.c.unit, uow.scopes),
            exists().where(enterprise.c.owner_id == owner.c.id, enterprise.c.state != "erased"),
        )
    )
    row = uow.session.execute(query).mappings().one_or_none()
    if row is None:
        raise PlutError("registry.owner-not-found", "There is no such owner.", "Pemilik itu tidak ada.")
    return dict(row)
