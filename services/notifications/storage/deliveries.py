"""Where accounts want copies of their inbox."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.notifications.storage.tables import delivery

_DEFAULT: Final = {"email": None, "language": "id"}


def get(session: Session, account: str) -> dict[str, Any]:
    """`{email, language}`; no e-mail and Indonesian for who has said nothing."""
    query = select(delivery.c.email, delivery.c.language).where(delivery.c.account == account)
    row = session.execute(query).mappings().one_or_none()
    return dict(row) if row else dict(_DEFAULT)


def put(session: Session, account: str, *, email: str | None, language: str, now: datetime) -> None:
    """Keep what the account said."""
    values = {"email": email, "language": language, "changed_at": now}
    session.execute(
        insert(delivery)
        .values(account=account, **values)
        .on_conflict_do_update(index_elements=["account"], set_=values)
    )


def with_email(session: Session, accounts: Collection[str]) -> set[str]:
    """Those of `accounts` that want copies by e-mail."""
    if not accounts:
        return set()
    query = select(delivery.c.account).where(delivery.c.account.in_(accounts), delivery.c.email.is_not(None))
    return set(session.execute(query).scalars())
