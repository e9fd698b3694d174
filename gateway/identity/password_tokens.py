"""Setting a password without knowing one: who was invited, and who has forgotten theirs.

A token of 256 random bits goes to the account's e-mail and nowhere else; kept is its hash. It works once.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, delete, func, select, update

from chassis.database import Database
from chassis.identifiers import new_id
from chassis.unit_of_work import UnitOfWork
from contracts.access import SYSTEM
from contracts.errors import PlutError
from gateway.courier import Courier
from gateway.identity import devices, errands, letters, passwords, tokens
from gateway.identity.account_key import AccountKey
from gateway.identity.accounts import refuse_weak
from gateway.identity.errands import Errand
from gateway.identity.tables import account, password_token

INVITATION: Final = "invitation"
RESET: Final = "reset"
HOLDS: Final = {INVITATION: timedelta(days=7), RESET: timedelta(hours=1)}
TOKEN_REFUSED: Final = "gateway.token-refused"  # noqa: S105 - a code
#: Mails about a forgotten password that one account gets in an hour, however often they are asked for.
_RESETS_PER_HOUR: Final = 3


def make(connection: Connection, who: UUID, kind: str, now: datetime) -> str:
    """A new token; an invitation's earlier ones are void."""
    token = secrets.token_urlsafe(32)
    if kind == INVITATION:
        connection.execute(delete(password_token).where(password_token.c.account_id == who))
    connection.execute(
        password_token.insert().values(
            id=new_id(),
            account_id=who,
            kind=kind,
            token_hash=_hash(token),
            created_at=now,
            expires_at=now + HOLDS[kind],
        )
    )
    return token


def forgotten(database: Database, key: AccountKey, *, email: str, language: str, correlation_id: str) -> None:
    """Have a token sent to an account's e-mail. Whether there is one is looked up later, and told to nobody."""
    with UnitOfWork(database, SYSTEM) as uow:
        values = {"email": email.casefold(), "language": language, "correlation_id": correlation_id}
        connection = uow.session.connection()
        errands.put(connection, key, "reset-password", values, now=uow.now, until=uow.now + HOLDS[RESET])


def send_reset(place: str, courier: Courier, one: Errand) -> None:
    """The task `reset-password`: make a token and have it sent, where there is an account to reset."""
    known = (account.c.email == one.values["email"]) & account.c.disabled_at.is_(None)
    with courier.unit_of_work(one) as uow:
        connection = uow.session.connection()
        errands.done(connection, one)
        row = connection.execute(select(account).where(known).with_for_update()).one_or_none()
        if row is None or _too_many(connection, row.id, uow.now):
            return
        token = make(connection, row.id, RESET, uow.now)
        letters.send(
            connection, courier.key, "password-reset", row, place=place, language=one.values["language"], now=uow.now,
            correlation_id=one.values["correlation_id"], secret=token, holds=HOLDS[RESET],
        )  # fmt: skip
        uow.audit("account.password-reset-sent", subject=row.id)


def set_password(*, uow: UnitOfWork, key: AccountKey, token: str, password: str, place: str, language: str) -> UUID:
    """Set the password that a token allows to; all sign-ins end, and a reset is told to the account's e-mail.

    Raises `gateway.token-refused`, and `invalid-request` for a weak password, which leaves the token as it is.
    """
    connection = uow.session.connection()
    row = connection.execute(
        select(account, password_token.c.kind.label("token_kind"))
        .join(password_token, password_token.c.account_id == account.c.id)
        .where(
            password_token.c.token_hash == _hash(token),
            password_token.c.expires_at > uow.now,
            account.c.disabled_at.is_(None),
        )
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise PlutError(
            TOKEN_REFUSED,
            "This link has expired or was used already. Ask for a new one.",
            "Tautan ini sudah kedaluwarsa atau sudah dipakai. Mintalah yang baru.",
        )
    refuse_weak(password, row.email, row.name)
    values = {"password_hash": passwords.make_hash(password), "version": row.version + 1}
    connection.execute(update(account).where(account.c.id == row.id).values(values))
    connection.execute(delete(password_token).where(password_token.c.account_id == row.id))
    tokens.end(connection, row.id)
    if row.token_kind == RESET:
        devices.forget(connection, row.id)
        tell_of_change(uow, key, row, place=place, language=language)
    uow.audit("account.password-set", subject=row.id, detail={"by": row.token_kind})
    return UUID(int=row.id.int)


def tell_of_change(uow: UnitOfWork, key: AccountKey, row: Any, *, place: str, language: str) -> None:
    """Tell an account's owner that the password is another one now."""
    letters.send(
        uow.session.connection(), key, "password-changed", row, place=place, language=language, now=uow.now,
        correlation_id=uow.context.correlation_id,
    )  # fmt: skip


def _too_many(connection: Connection, who: UUID, now: datetime) -> bool:
    mine = (password_token.c.account_id == who) & (password_token.c.kind == RESET)
    recent = select(func.count()).where(mine, password_token.c.created_at > now - HOLDS[RESET])
    return int(connection.execute(recent).scalar_one()) >= _RESETS_PER_HOUR


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
