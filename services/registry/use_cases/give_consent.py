"""Write a consent down."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from chassis.unit_of_work import UnitOfWork
from contracts.errors import INVALID_REQUEST, PlutError
from contracts.registry import ConsentGiven
from services.registry.queries.relations import consent_view
from services.registry.storage import enterprises, tables


def give_consent(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """One that holds already is answered as it is: a repeat is no second consent."""
    purpose, partner = request["purpose"], request.get("partner")
    if (purpose == "sharing") != bool(partner):
        raise PlutError(
            INVALID_REQUEST,
            "A partner belongs to sharing, and only to it.",
            "Mitra diisi hanya untuk tujuan berbagi data.",
            fields={"partner": ["Mitra diisi hanya untuk tujuan berbagi data.", "A partner belongs to sharing only."]},
        )
    found = enterprises.enterprise_of(uow, request["enterprise"])
    table = tables.consent
    there = uow.session.execute(
        select(table.c.id).where(
            table.c.enterprise == found.id, table.c.purpose == purpose, table.c.withdrawn_at.is_(None),
            func.coalesce(table.c.partner, "") == (partner or ""),
        )
    ).scalar()  # fmt: skip
    if there is not None:
        return consent_view(uow, there)
    row = {
        "id": uow.new_id(),
        "enterprise": found.id,
        "unit": found.row["unit"],
        "purpose": purpose,
        "partner": partner,
        "how": request["how"],
        "given_at": request.get("given_at") or uow.now,
        "given_by": uow.context.account,
    }
    uow.session.execute(table.insert(), row)
    event = ConsentGiven(
        enterprise=found.id, consent=row["id"], purpose=purpose, partner=partner, given_at=row["given_at"]
    )
    enterprises.publish(uow, found, event)
    enterprises.store(uow, found)
    uow.audit(
        "consent.given", subject=found.id, unit=found.row["unit"], detail={"purpose": purpose, "partner": partner}
    )
    return consent_view(uow, row["id"])
