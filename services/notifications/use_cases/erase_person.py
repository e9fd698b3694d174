"""Forget whom to reach, and where messages went; that there were some, and what about, stays for the figures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from chassis.unit_of_work import UnitOfWork
from contracts.registry import PersonDataRequested

_THEIR_ADDRESSES: Final = "SELECT unnest(ARRAY[email, phone]) FROM recipient WHERE enterprise = ANY(:ids)"
_FORGET_MESSAGES: Final = (
    "UPDATE message SET address = NULL, answer = NULL"
    f" WHERE enterprise = ANY(:ids) OR other = ANY(:ids) OR address IN ({_THEIR_ADDRESSES})"
)
"""A code to sign in with was sent to a phone, not for an enterprise. A mail server's answer may say the address."""
_FORGET_RECIPIENTS: Final = (
    "UPDATE recipient SET business = NULL, person = NULL, email = NULL, phone = NULL WHERE enterprise = ANY(:ids)"
)
_FORGET_ACCOUNT: Final = (
    "DELETE FROM delivery WHERE account = :account",
    "DELETE FROM inbox_read WHERE account = :account",
    "DELETE FROM message WHERE account = :account",
)


def erase_person(uow: UnitOfWork, request: PersonDataRequested) -> int:
    """Returns how many records were changed. Older events can't bring anything back once the enterprise is `erased`."""
    return forget_people(uow, request.enterprises)


def forget_people(uow: UnitOfWork, enterprises: Iterable[UUID]) -> int:
    """The same by enterprises: the messages first, since addresses lead to them."""
    values: dict[str, Any] = {"ids": list(enterprises)}
    return sum(
        uow.session.execute(text(query), values).rowcount  # type: ignore[attr-defined]
        for query in (_FORGET_MESSAGES, _FORGET_RECIPIENTS)
    )


def forget_accounts(uow: UnitOfWork, accounts: list[UUID]) -> None:
    """Forget where accounts that are gone wanted copies, and what was in their inboxes."""
    for account in accounts:
        for query in _FORGET_ACCOUNT:
            uow.session.execute(text(query), {"account": str(account)})
