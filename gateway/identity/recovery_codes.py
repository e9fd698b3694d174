"""Ten codes for a day without the telephone; each counts once, and only a keyed hash of it is kept."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, delete, update

from contracts.errors import PlutError
from gateway.identity.account_key import AccountKey
from gateway.identity.tables import recovery_code

#: Of somebody who is signed in: 422, where a sign-in answers 401.
REFUSED: Final = "gateway.code-refused"
COUNT: Final = 10
# Crockford's base 32: nothing that is taken for something else when it is read from paper
_LETTERS: Final = "0123456789abcdefghjkmnpqrstvwxyz"


def renew(connection: Connection, key: AccountKey, who: UUID) -> list[str]:
    """Ten new recovery codes, which can't be read again; the old ones are void."""
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(COUNT)]
    connection.execute(delete(recovery_code).where(recovery_code.c.account_id == who))
    connection.execute(
        recovery_code.insert(), [{"account_id": who, "code_hash": _hash(key, who, each)} for each in codes]
    )
    return [f"{each[:5]}-{each[5:]}" for each in codes]


def use(connection: Connection, key: AccountKey, who: UUID, plain: str, now: datetime) -> None:
    """Take a code that was written down without its hyphen; raises `gateway.code-refused`."""
    mine = (recovery_code.c.account_id == who) & (recovery_code.c.code_hash == _hash(key, who, plain))
    unused = update(recovery_code).where(mine, recovery_code.c.used_at.is_(None)).values(used_at=now)
    if not connection.execute(unused).rowcount:
        raise refused()


def refused() -> PlutError:
    """The code isn't right, or was used before."""
    return PlutError(
        REFUSED,
        "The code is wrong, or was used already. Wait for the next one.",
        "Kode salah atau sudah dipakai. Tunggu kode berikutnya.",
        fields={"code": ["Kode salah atau sudah dipakai. / Wrong, or used already."]},
    )


def _hash(key: AccountKey, who: UUID, plain: str) -> bytes:
    return key.hash("recovery-code", str(who), plain)
