"""Letters to the owners of accounts, as errands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from gateway.identity import errands
from gateway.identity.account_key import AccountKey

#: A notice that couldn't be handed to notifications for so long is news to nobody.
NOTICE: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Site:
    """What a letter needs of the request that it is about: the portal's address, and the reader's language."""

    place: str
    language: str


def send(
    connection: Connection, key: AccountKey, template: str, row: Any, *, place: str, language: str, now: datetime,
    correlation_id: str, secret: str | None = None, holds: timedelta = NOTICE, **facts: Any,
) -> None:  # fmt: skip
    """Have an account's owner (`row`) written to, in the transaction of what it is about."""
    until = now + holds
    values = {
        "template": template,
        "channel": "email",
        "address": row.email,
        "language": language,
        "account": str(row.id),
        "params": {"name": row.name, "link": f"{place}/password", **facts},
        "secret": secret,
        "expires_at": until.isoformat() if secret else None,
        "correlation_id": correlation_id,
    }
    errands.put(connection, key, "send", values, now=now, until=until)
