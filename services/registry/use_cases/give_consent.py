"""Write a consent down."""

from __future__ import annotations

from typing import Any

from chassis.unit_of_work import UnitOfWork
from contracts.errors import INVALID_REQUEST, PlutError
from services.registry.queries.relations import consent_view
from services.registry.storage import consents, enterprises


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
    there = consents.consent_that_holds(uow, found.id, purpose, partner)
    if there is not None:
        return consent_view(uow, there)
    given = consents.write_consent(
        uow, found, purpose=purpose, partner=partner, how=request["how"], given_at=request.get("given_at")
    )
    enterprises.store(uow, found)
    return consent_view(uow, given)
