"""Mark a message of the inbox as read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.unit_of_work import UnitOfWork
from services.notifications import queries
from services.notifications.storage import inbox
from services.notifications.storage.tables import message


def mark_read(*, uow: UnitOfWork, message_id: UUID) -> dict[str, Any]:
    """The caller has read it; returns its view. Raises PlutError `not-found` where it isn't in the caller's reach."""
    account = uow.context.account
    reach = inbox.visible(account, queries.inbox_reach(uow))
    row = uow.session.execute(inbox.listing(account).where(message.c.id == message_id, reach)).one_or_none()
    if row is None:
        raise queries.no_such_message()
    inbox.mark_read(uow.session, account, [message_id], uow.now)
    return queries.inbox_view(row, "id") | {"read": True}
