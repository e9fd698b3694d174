"""Say where copies of one's inbox go."""

from __future__ import annotations

from typing import Any

from chassis.unit_of_work import UnitOfWork
from contracts.errors import INVALID_REQUEST, PlutError
from services.notifications.domain.addresses import is_address
from services.notifications.storage import deliveries


def set_delivery(*, uow: UnitOfWork, email: str | None, language: str) -> dict[str, Any]:
    """Keep the caller's choice and return it; raises PlutError `invalid-request` for an address that mail can't be sent to."""
    if email is not None and not is_address(email):
        raise PlutError(
            INVALID_REQUEST,
            "Mail can't be sent to this address.",
            "Surel tidak dapat dikirim ke alamat ini.",
            fields={"email": ["Alamat surel biasa, tanpa tanda kutip. / A plain e-mail address, without quotes."]},
        )
    deliveries.put(uow.session, uow.context.account, email=email, language=language, now=uow.now)
    uow.audit("delivery.set", detail={"email": email is not None, "language": language})
    return deliveries.get(uow.session, uow.context.account)
