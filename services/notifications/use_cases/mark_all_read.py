"""Mark the whole inbox as read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis.unit_of_work import UnitOfWork
from services.notifications import queries
from services.notifications.storage import inbox
from services.notifications.storage.tables import message


def mark_all_read(*, uow: UnitOfWork, until: UUID | None) -> dict[str, Any]:
    """The caller has read all, or all up to the message `until`: `{marked}`, how many were unread."""
    account = uow.context.account
    unread = select(message.c.id).where(inbox.visible(account, queries.inbox_units(uow)), ~inbox.was_read(account))
    if until is not None:
        unread = unread.where(message.c.id <= until)
    return {"marked": inbox.mark_read(uow.session, account, unread, uow.now)}
