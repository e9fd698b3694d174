"""Signing in and out, and changing one's own password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, delete, select, update

from chassis.database import Database
from chassis.tables import idempotency as replies
from chassis.unit_of_work import UnitOfWork
from contracts.access import AccessContext
from contracts.errors import NOT_FOUND, PlutError
from gateway.edge.statuses import SIGN_IN_REFUSED
from gateway.identity import passwords, throttle, tokens
from gateway.identity.accounts import account_view, refuse_weak
from gateway.identity.tables import account, sign_in
from gateway.identity.tokens import Lifetime, SignedIn

#: As long as services keep theirs.
_REPLIES_KEPT: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Caller:
    """From where somebody signs in: the address, and what they call the device or program."""

    address: str
    label: str


def sign_in_with_password(
    *, database: Database, email: str, password: str, caller: Caller, lifetime: Lifetime, correlation_id: str
) -> dict[str, Any]:
    """Begin a sign-in: `{token, expires_at, account}`.

    Raises `sign-in-refused` in the same words and after the same time for an unknown account, a wrong password and a
    disabled account, and `too-many-requests` for who tries too often.
    """
    now = datetime.now(UTC)
    email = email.casefold()
    throttle.begin_attempt(database, email, caller.address, now)
    with database.engine.connect() as connection:
        row = connection.execute(select(account).where(account.c.email == email)).one_or_none()
    if not passwords.matches(row.password_hash if row else None, password) or row is None or row.disabled_at:
        raise PlutError(SIGN_IN_REFUSED, "The e-mail or the password is wrong.", "Surel atau kata sandi salah.")
    context = AccessContext(account=str(row.id), name=row.email, grants=(), correlation_id=correlation_id)
    with UnitOfWork(database, context, own_only=True) as uow:
        connection = uow.session.connection()
        throttle.forget_attempts(connection, email, caller.address, now)
        _forget_what_is_past(connection, now)
        if passwords.needs_new_hash(row.password_hash):
            renewed = passwords.make_hash(password)
            connection.execute(update(account).where(account.c.id == row.id).values(password_hash=renewed))
        token, expires = tokens.issue(
            connection, row.id, label=caller.label, address=caller.address, lifetime=lifetime, now=now
        )
        uow.audit("account.signed-in", subject=row.id, detail={"label": caller.label})
        view = account_view(connection, row.id)
    return {"token": token, "expires_at": expires.isoformat(), "account": view}


def _forget_what_is_past(connection: Connection, now: datetime) -> None:
    """Delete expired sign-ins, and replies that nobody asks for again: this database has no worker of its own."""
    connection.execute(delete(sign_in).where(sign_in.c.expires_at < now))
    connection.execute(delete(replies).where(replies.c.created_at < now - _REPLIES_KEPT))


def sign_out(*, uow: UnitOfWork, who: SignedIn, session: UUID) -> None:
    """End one of one's own sign-ins. Raises `not-found` for one that isn't there, or is somebody else's."""
    if not tokens.end(uow.session.connection(), who.account, only=session):
        raise PlutError(NOT_FOUND, "There is no such sign-in.", "Sesi masuk ini tidak ada.")
    uow.audit("account.signed-out", subject=who.account)


def own_sign_ins(*, uow: UnitOfWork, who: SignedIn) -> list[dict[str, Any]]:
    """One's own sign-ins that hold, the last used first."""
    rows = uow.session.execute(
        select(sign_in)
        .where(sign_in.c.account_id == who.account, sign_in.c.expires_at > uow.now)
        .order_by(sign_in.c.seen_at.desc())
    )
    return [
        {
            "id": str(row.id),
            "label": row.label,
            "address": row.address,
            "created_at": row.created_at.isoformat(),
            "seen_at": row.seen_at.isoformat(),
            "expires_at": row.expires_at.isoformat(),
            "current": row.id == who.session,
        }
        for row in rows
    ]


def change_password(*, uow: UnitOfWork, who: SignedIn, current: str, new: str) -> dict[str, Any]:
    """Change one's own password, which ends all other sign-ins. Raises `invalid-request` that names the field."""
    connection = uow.session.connection()
    row = connection.execute(select(account).where(account.c.id == who.account).with_for_update()).one()
    if not passwords.matches(row.password_hash, current):
        raise PlutError(
            "invalid-request",
            "The present password is wrong.",
            "Kata sandi sekarang salah.",
            fields={"current": ["Kata sandi sekarang salah. / The present password is wrong."]},
        )
    refuse_weak(new, row.email, row.name, field="new")
    connection.execute(
        update(account)
        .where(account.c.id == who.account)
        .values(password_hash=passwords.make_hash(new), version=account.c.version + 1)
    )
    tokens.end(connection, who.account, but=who.session)
    uow.audit("account.password-changed", subject=who.account)
    return account_view(connection, who.account)
