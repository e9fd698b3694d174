"""Partner systems: accounts without a password, that show a key with every request.

Several keys hold at once, so that a partner can go from one to the next without a gap.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row, func, select, update

from chassis.unit_of_work import UnitOfWork
from contracts.errors import NOT_FOUND, PlutError
from gateway.identity import account_views, accounts
from gateway.identity.ends import refuse_wrong_end
from gateway.identity.tables import account, partner_key
from gateway.identity.tokens import GRANTS, SEEN_EVERY, SignedIn, grants_from

LONGEST: Final = timedelta(days=400)
#: Keys of one partner that hold at once.
MOST: Final = 10
_KEY: Final = re.compile(r"plutk_([a-z0-9]{8})_[A-Za-z0-9_-]{43}")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"


def list_keys(*, uow: UnitOfWork, who: UUID) -> list[dict[str, Any]]:
    """A partner's keys, the newest first, without the keys themselves."""
    _partner(uow, who)
    rows = uow.session.execute(
        select(partner_key).where(partner_key.c.account_id == who).order_by(partner_key.c.id.desc())
    )
    return [_view(row, uow.now) for row in rows]


def make_key(*, uow: UnitOfWork, who: UUID, name: str, expires_at: datetime) -> dict[str, Any]:
    """A new key, under `key`: it can't be read again. Raises `invalid-request`, and what `to_administer` raises."""
    _partner(uow, who)
    made = _make(uow, who, name, expires_at)
    uow.audit("partner-key.made", subject=who, detail={"key": made["prefix"], "expires_at": expires_at.isoformat()})
    return made


def rotate_key(*, uow: UnitOfWork, who: UUID, key: UUID, overlap_hours: int, expires_at: datetime) -> dict[str, Any]:
    """A new key in the place of one that goes on for `overlap_hours`; raises `not-found` for one that doesn't hold."""
    _partner(uow, who)
    old = _holding(uow, who, key)
    ends = min(old.expires_at, uow.now + timedelta(hours=overlap_hours))
    uow.session.execute(update(partner_key).where(partner_key.c.id == key).values(expires_at=ends))
    made = _make(uow, who, old.name, expires_at)
    detail = {"key": made["prefix"], "instead_of": old.prefix, "until": ends.isoformat()}
    uow.audit("partner-key.rotated", subject=who, detail=detail)
    return made


def revoke_key(*, uow: UnitOfWork, who: UUID, key: UUID) -> None:
    """End a key at once; raises `not-found` for one that doesn't hold."""
    _partner(uow, who)
    old = _holding(uow, who, key)
    uow.session.execute(update(partner_key).where(partner_key.c.id == key).values(revoked_at=uow.now))
    uow.audit("partner-key.revoked", subject=who, detail={"key": old.prefix})


def is_key(token: str) -> bool:
    """Whether a bearer token has the form of a partner's key."""
    return _KEY.fullmatch(token) is not None


_FIND = (
    select(partner_key, account.c.name.label("account_name"), GRANTS.label("grants"))
    .join(account, account.c.id == partner_key.c.account_id)
    .where(partner_key.c.revoked_at.is_(None), account.c.disabled_at.is_(None))
)


def find(connection: Connection, key: str, *, now: datetime) -> SignedIn | None:
    """Which partner a key stands for; None if it is unknown, has ended, or its account is disabled."""
    match = _KEY.fullmatch(key)
    if match is None:
        return None
    row = connection.execute(
        _FIND.where(partner_key.c.prefix == match[1], partner_key.c.expires_at > now)
    ).one_or_none()
    if row is None or not secrets.compare_digest(row.key_hash, _hash(key)):
        return None
    if row.last_used_at is None or now - row.last_used_at > SEEN_EVERY:
        connection.execute(update(partner_key).where(partner_key.c.id == row.id).values(last_used_at=now))
    return SignedIn(row.id, row.account_id, None, row.account_name, grants_from(row.grants), strong=True)


def _make(uow: UnitOfWork, who: UUID, name: str, expires_at: datetime) -> dict[str, Any]:
    refuse_wrong_end("expires_at", expires_at, now=uow.now, longest=LONGEST)
    if _count(uow, who) >= MOST:
        raise PlutError(
            "gateway.keys-refused",
            f"{MOST} keys hold already. Revoke one first.",
            f"Sudah ada {MOST} kunci yang berlaku. Cabut satu dahulu.",
        )
    prefix = "".join(secrets.choice(_LETTERS) for _ in range(8))
    key = f"plutk_{prefix}_{secrets.token_urlsafe(32)}"
    row = uow.session.execute(
        partner_key.insert()
        .values(
            id=uow.new_id(), account_id=who, prefix=prefix, key_hash=_hash(key), name=name, created_at=uow.now,
            expires_at=expires_at,
        )
        .returning(partner_key)
    ).one()  # fmt: skip
    return _view(row, uow.now) | {"key": key}


def _partner(uow: UnitOfWork, who: UUID) -> None:
    row, _ = accounts.to_administer(uow, who)
    if row.kind != account_views.PARTNER:
        raise PlutError(NOT_FOUND, "This account has no keys.", "Akun ini tidak memakai kunci.")


def _holding(uow: UnitOfWork, who: UUID, key: UUID) -> Row[Any]:
    row = uow.session.execute(
        select(partner_key).where(_holds(uow, who), partner_key.c.id == key).with_for_update()
    ).one_or_none()
    if row is None:
        raise PlutError(NOT_FOUND, "There is no such key, or it has ended.", "Kunci ini tidak ada atau sudah berakhir.")
    return row


def _count(uow: UnitOfWork, who: UUID) -> int:
    count: int = uow.session.execute(select(func.count()).where(_holds(uow, who))).scalar_one()
    return count


def _holds(uow: UnitOfWork, who: UUID) -> Any:
    mine = (partner_key.c.account_id == who) & partner_key.c.revoked_at.is_(None)
    return mine & (partner_key.c.expires_at > uow.now)


def _view(row: Row[Any], now: datetime) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "prefix": f"plutk_{row.prefix}",
        "name": row.name,
        "created_at": row.created_at.isoformat(),
        "expires_at": row.expires_at.isoformat(),
        "last_used_at": row.last_used_at.isoformat() if row.last_used_at else None,
        "holds": row.revoked_at is None and row.expires_at > now,
    }


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
