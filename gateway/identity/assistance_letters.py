"""An owner is told, by SMS, who may act for them, and that it has ended: as errands, since only the registry has the number."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row

from chassis.unit_of_work import UnitOfWork
from contracts.errors import PlutError
from gateway.courier import Courier
from gateway.identity import errands
from gateway.identity.account_key import AccountKey
from gateway.identity.errands import Errand
from gateway.identity.letters import NOTICE

BEGUN: Final = "assistance-begun"
ENDED: Final = "assistance-ended"


def tell(uow: UnitOfWork, key: AccountKey, template: str, row: Row[Any]) -> None:
    """Have the owner told, in the transaction of what it is about."""
    values = {
        "template": template,
        "owner": str(row.owner_id),
        "params": {"helper": row.helper_name, "until": row.until.date().isoformat()},
        "correlation_id": uow.context.correlation_id,
    }
    errands.put(uow.session.connection(), key, "tell-owner", values, now=uow.now, until=uow.now + NOTICE)


def tell_owner(place: str, courier: Courier, one: Errand) -> None:
    """The task `tell-owner`: an SMS to the number that the registry has of the owner, if it has one."""
    known = _contact(courier, one)
    with courier.unit_of_work(one) as uow:
        connection = uow.session.connection()
        errands.done(connection, one)
        if known is None or known["phone"] is None:
            uow.audit("assistance.owner-not-told", subject=one.values["owner"], unit=known["unit"] if known else None)
            return
        office = {"office": known["office"] or f"PLUT {known['unit']}", "phone": known["office_phone"], "link": place}
        message = {
            "template": one.values["template"], "channel": "sms", "address": known["phone"], "language": "id",
            "params": one.values["params"] | office, "correlation_id": one.values["correlation_id"],
        }  # fmt: skip
        errands.put(connection, courier.key, "send", message, now=uow.now, until=uow.now + NOTICE)


def _contact(courier: Courier, one: Errand) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = courier.ask(one, "registry", "get_owner_contact", {"id": UUID(one.values["owner"])})
    except PlutError as error:
        if not error.code.endswith("not-found"):
            raise
        return None
    return found
