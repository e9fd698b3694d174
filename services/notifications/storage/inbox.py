"""The portal's inbox: which messages an account sees, and which of them it has read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.notifications.storage.tables import inbox_read, message, recipient


def visible(account: str, units: ColumnElement[bool]) -> ColumnElement[bool]:
    """What is for the account itself, and what is for `units`."""
    for_units = and_(message.c.account.is_(None), units)
    return and_(message.c.channel == "inbox", or_(message.c.account == account, for_units))


def was_read(account: str) -> ColumnElement[bool]:
    """Whether the account has read the message."""
    return exists().where(inbox_read.c.message == message.c.id, inbox_read.c.account == account)


def listing(account: str) -> Select[Any]:
    """Messages with the names that their words need, and whether they were read."""
    names = (recipient.c.business, recipient.c.person)
    return select(message, *names, was_read(account).label("read")).outerjoin(
        recipient, recipient.c.enterprise == message.c.enterprise
    )


def count_unread(session: Session, account: str, units: ColumnElement[bool]) -> int:
    """How many messages the account hasn't read."""
    query = select(func.count()).select_from(message).where(visible(account, units), ~was_read(account))
    return session.execute(query).scalar_one()


def mark_read(session: Session, account: str, seen: Sequence[UUID] | Select[Any], now: datetime) -> int:
    """Mark messages (ids, or a query for them) as read by the account; returns how many were unread before."""
    query = seen if isinstance(seen, Select) else select(message.c.id).where(message.c.id.in_(seen))
    chosen = query.subquery()
    rows = select(literal(account), chosen.c.id, literal(now, inbox_read.c.read_at.type))
    statement = insert(inbox_read).from_select(["account", "message", "read_at"], rows).on_conflict_do_nothing()
    done = session.execute(statement, execution_options={"preserve_rowcount": True})
    return int(done.rowcount)  # type: ignore[attr-defined]
