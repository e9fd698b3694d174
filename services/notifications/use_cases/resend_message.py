"""Have a mail tried again that came to nothing."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from chassis.unit_of_work import UnitOfWork
from contracts.errors import PlutError
from services.notifications import queries
from services.notifications.storage import messages

NOT_RESENDABLE: Final = "notifications.resend-refused"


def resend_message(*, uow: UnitOfWork, message_id: UUID) -> dict[str, Any]:
    """From the first attempt, to the address that is known today; returns its summary.

    Raises PlutError `not-found`, and `notifications.resend-refused` for what is under way or was sent.
    """
    row = queries.find_message(uow, message_id)
    if not messages.resend(uow.session, message_id):
        raise PlutError(
            NOT_RESENDABLE,
            "Only a mail that has failed or was suppressed can be sent again.",
            "Hanya surel yang gagal atau tidak dikirim yang dapat dikirim ulang.",
            state=row.state,
        )
    uow.audit("message.resent", subject=message_id, unit=row.unit)
    return queries.message_summary(queries.find_message(uow, message_id), "id")
