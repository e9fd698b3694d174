"""Sign-ins, however they were proved: beginning, listing, ending."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, delete, select

from chassis.tables import idempotency as replies
from chassis.unit_of_work import UnitOfWork
from contracts.errors import NOT_FOUND, PlutError
from gateway.identity import devices, history, letters, powers, tokens
from gateway.identity.account_views import account_view
from gateway.identity.callers import Caller, Terms
from gateway.identity.tables import account, sign_in
from gateway.identity.tokens import SignedIn

#: As long as services keep theirs.
_REPLIES_KEPT: Final = timedelta(days=2)


def begin(*, uow: UnitOfWork, who: UUID, caller: Caller, terms: Terms, method: str) -> dict[str, Any]:
    """Begin a sign-in that was proved by `method`: `{token, device_token, expires_at, account, must_enrol}`.

    One from a device that is new to an account in use is told to the account's e-mail.
    """
    connection = uow.session.connection()
    _forget_what_is_past(connection, uow.now)
    token, expires = tokens.issue(
        connection, who, label=caller.label, address=caller.address, lifetime=terms.lifetime, now=uow.now,
        method=method,
    )  # fmt: skip
    device_token, known = devices.keep(connection, who, caller.device_token, uow.now)
    if history.accepted(connection, who, method, caller, known=known, now=uow.now):
        _tell(connection, who, caller, terms, uow.now)
    uow.audit("account.signed-in", subject=who, detail={"label": caller.label, "method": method})
    administers = powers.administers(tokens.grants_of(connection, who))
    return {
        "token": token,
        "device_token": device_token,
        "expires_at": expires.isoformat(),
        "account": account_view(connection, who),
        "must_enrol": administers and method not in tokens.STRONG,
    }


def _tell(connection: Connection, who: UUID, caller: Caller, terms: Terms, now: datetime) -> None:
    row = connection.execute(select(account).where(account.c.id == who)).one()
    if row.email is not None:
        letters.send(
            connection, terms.key, "new-sign-in", row, place=terms.place, language=caller.language, now=now,
            correlation_id=caller.correlation_id, label=caller.label, address=caller.address,
            day=now.date().isoformat(), time=f"{now:%H:%M}",
        )  # fmt: skip


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
            "method": row.method,
            "created_at": row.created_at.isoformat(),
            "seen_at": row.seen_at.isoformat(),
            "expires_at": row.expires_at.isoformat(),
            "current": row.id == who.session,
        }
        for row in rows
    ]


def _forget_what_is_past(connection: Connection, now: datetime) -> None:
    """Delete expired sign-ins, and replies that nobody asks for again: this database has no worker of its own."""
    connection.execute(delete(sign_in).where(sign_in.c.expires_at < now))
    connection.execute(delete(replies).where(replies.c.created_at < now - _REPLIES_KEPT))
    devices.forget_old(connection, now)
    history.forget_old(connection, now)
