"""Devices that have signed in before: a token that a device keeps proves it (OWASP calls it a device cookie).

Who floods an account with guesses can't keep its owner out: a known device isn't counted with all the others.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, delete, select, update

from chassis.identifiers import new_id
from gateway.identity.tables import account, device

#: A device that hasn't signed in for so long is a new one.
KEPT: Final = timedelta(days=180)
_TOKEN: Final = re.compile(r"plutd_[A-Za-z0-9_-]{43}")


def of_account(connection: Connection, token: str | None, who: ColumnElement[bool]) -> UUID | None:
    """The device that a token stands for, if it has signed in to the account that `who` finds."""
    if token is None or not _TOKEN.fullmatch(token):
        return None
    found: UUID | None = connection.execute(
        select(device.c.id)
        .join(account, account.c.id == device.c.account_id)
        .where(device.c.token_hash == _hash(token), who)
    ).scalar_one_or_none()
    return found


def keep(connection: Connection, who: UUID, token: str | None, now: datetime) -> tuple[str, bool]:
    """After a sign-in: the device's token, a new one unless it has one, and whether it was known before."""
    known = of_account(connection, token, account.c.id == who)
    if token is not None and known is not None:
        connection.execute(update(device).where(device.c.id == known).values(seen_at=now))
        return token, True
    made = f"plutd_{secrets.token_urlsafe(32)}"
    connection.execute(device.insert().values(id=new_id(), account_id=who, token_hash=_hash(made), seen_at=now))
    return made, False


def forget(connection: Connection, who: UUID) -> None:
    """Every device of an account is a new one from now on."""
    connection.execute(delete(device).where(device.c.account_id == who))


def forget_old(connection: Connection, now: datetime) -> None:
    """Forget devices that haven't been seen for long."""
    connection.execute(delete(device).where(device.c.seen_at < now - KEPT))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
