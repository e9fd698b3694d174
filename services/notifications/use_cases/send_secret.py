"""Write to one person at an address that the caller names, with a secret that is kept no longer than it is needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.unit_of_work import UnitOfWork
from contracts.errors import INVALID_REQUEST, PlutError
from services.notifications.domain.addresses import is_address, is_phone
from services.notifications.storage import messages


def send_secret(*, uow: UnitOfWork, request: Mapping[str, Any]) -> dict[str, Any]:
    """Write the message unless its cause is known; raises PlutError `invalid-request` for what can't be an address."""
    reachable = {"email": is_address, "sms": is_phone}[request["channel"]]
    if not reachable(request["address"]):
        raise PlutError(
            INVALID_REQUEST,
            "Nothing can be sent to this address.",
            "Tidak ada yang dapat dikirim ke alamat ini.",
            fields={"address": ["Alamat tidak sah. / Not an address."]},
        )
    messages.write_direct(uow.session, request, now=uow.now, correlation_id=uow.context.correlation_id)
    uow.audit("message.asked-for", subject=request["id"], detail={"template": request["template"]})
    return {"id": request["id"]}
