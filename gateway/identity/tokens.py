"""Bearer tokens: opaque and random; only their hash is kept, and one indexed query finds who they stand for."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by

from chassis.identifiers import new_id
from contracts.access import Grant
from gateway.identity.tables import account, account_grant, sign_in

#: How a sign-in was proved.
PASSWORD: Final = "password"  # noqa: S105 - a name
CODE: Final = "password+code"
RECOVERY: Final = "password+recovery-code"
MACHINE: Final = "machine"
PHONE: Final = "phone"
SINGLE_SIGN_ON: Final = "single-sign-on"
SINGLE_SIGN_ON_STRONG: Final = "single-sign-on+mfa"
STRONG: Final = frozenset({CODE, RECOVERY, MACHINE, SINGLE_SIGN_ON_STRONG})
TOKEN: Final = re.compile(r"plut_[A-Za-z0-9_-]{43}")
#: `seen_at` is written at most this often, so that reading doesn't mean writing.
SEEN_EVERY: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a token stands for, with what they may do at this moment."""

    session: UUID
    account: UUID
    email: str | None
    name: str
    grants: tuple[Grant, ...]
    strong: bool
    """Whether a second factor has proved it."""
    owners: tuple[UUID, ...] = ()
    """The registry's owners that an owner's account stands for."""
    on_behalf_of: UUID | None = None
    """The owner that this request is for, where somebody acts for another."""
    purpose: str | None = None
    """What that is for."""


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a sign-in holds: `idle` after its last use, `whole` from its beginning."""

    idle: timedelta
    whole: timedelta


def make_token() -> str:
    """A new token: 256 random bits, with a beginning that secret scanners can look for."""
    return f"plut_{secrets.token_urlsafe(32)}"


def issue(
    connection: Connection,
    who: UUID,
    *,
    label: str,
    address: str | None,
    lifetime: Lifetime,
    now: datetime,
    method: str,
) -> tuple[str, datetime]:
    """Begin a sign-in that was proved by `method`; returns the token, which can't be read again, and when it expires."""
    token = make_token()
    expires = now + min(lifetime.idle, lifetime.whole)
    connection.execute(
        sign_in.insert().values(
            id=new_id(),
            account_id=who,
            token_hash=_hash(token),
            label=label,
            address=address,
            created_at=now,
            seen_at=now,
            expires_at=expires,
            ends_at=now + lifetime.whole,
            method=method,
            strong=method in STRONG,
        )
    )
    return token, expires


GRANTS = (
    select(
        func.array_agg(aggregate_order_by(account_grant.c.role + ":" + account_grant.c.scope, account_grant.c.scope))
    )
    .where(account_grant.c.account_id == account.c.id)
    .correlate(account)
    .scalar_subquery()
)
"""The grants of an account as an array of `role:scope`, inside a query over accounts."""
_FIND = (
    select(
        sign_in.c.id, sign_in.c.seen_at, sign_in.c.ends_at, sign_in.c.expires_at, sign_in.c.strong,
        account.c.id.label("account_id"), account.c.email, account.c.name, GRANTS.label("grants"),
    )
    .join(account, account.c.id == sign_in.c.account_id)
    .where(
        sign_in.c.token_hash == bindparam("hash"),
        sign_in.c.expires_at > bindparam("now"),
        account.c.disabled_at.is_(None),
    )
)  # fmt: skip


def find(connection: Connection, token: str, *, idle: timedelta, now: datetime) -> SignedIn | None:
    """Who `token` stands for; None if it is unknown, expired or ended, or its account is disabled."""
    row = connection.execute(_FIND, {"hash": _hash(token), "now": now}).one_or_none()
    if row is None:
        return None
    if now - row.seen_at > SEEN_EVERY:
        expires = max(row.expires_at, min(now + idle, row.ends_at))
        connection.execute(update(sign_in).where(sign_in.c.id == row.id).values(seen_at=now, expires_at=expires))
    return SignedIn(row.id, row.account_id, row.email, row.name, grants_from(row.grants), row.strong)


def end(connection: Connection, who: UUID, *, only: UUID | None = None, but: UUID | None = None) -> int:
    """End an account's sign-ins: all, `only` one, or all `but` one. Returns how many."""
    ended = delete(sign_in).where(sign_in.c.account_id == who)
    if only is not None:
        ended = ended.where(sign_in.c.id == only)
    if but is not None:
        ended = ended.where(sign_in.c.id != but)
    return connection.execute(ended).rowcount


def grants_of(connection: Connection, who: UUID) -> tuple[Grant, ...]:
    """What an account may do; nothing for one that isn't there."""
    held = select(GRANTS).select_from(account).where(account.c.id == who)
    return grants_from(connection.execute(held).scalar_one_or_none())


def grants_from(texts: list[str] | None) -> tuple[Grant, ...]:
    """The grants that `GRANTS` has read."""
    return tuple(Grant(*text.split(":", 1)) for text in texts or ())


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
