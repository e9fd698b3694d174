"""Owners, for the gateway: who signs in with which phone."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select

from chassis.unit_of_work import UnitOfWork
from services.registry.storage.tables import enterprise, owner

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
