"""Inviting: an account without a password, whose owner chooses one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis.unit_of_work import UnitOfWork
from contracts.access import Grant
from contracts.errors import PlutError
from gateway.identity import accounts, letters, password_tokens
from gateway.identity.account_key import AccountKey
from gateway.identity.account_views import account_view
from gateway.identity.password_tokens import HOLDS, INVITATION
from gateway.identity.tables import account

ALREADY_SET = "gateway.invitation-refused"


def invite(
    *, uow: UnitOfWork, key: AccountKey, email: str, name: str, grants: Sequence[Grant], place: str, language: str
) -> dict[str, Any]:
    """Make an account and write to its owner; returns its view. Raises what `accounts.create_account` raises."""
    made = accounts.create_account(uow=uow, email=email, name=name, password=None, grants=grants)
    _send(uow, key, UUID(made["id"]), place=place, language=language)
    return account_view(uow.session.connection(), UUID(made["id"]))


def invite_again(*, uow: UnitOfWork, key: AccountKey, who: UUID, place: str, language: str) -> dict[str, Any]:
    """Send another token, which makes the earlier ones void. Raises `gateway.invitation-refused` where a password is set."""
    row, _ = accounts.to_administer(uow, who)
    if row.password_hash is not None or row.email is None:
        raise PlutError(
            ALREADY_SET,
            "This account needs no invitation: its owner has set a password.",
            "Akun ini tidak perlu undangan: pemiliknya sudah membuat kata sandi.",
        )
    _send(uow, key, who, place=place, language=language)
    return account_view(uow.session.connection(), who)


def _send(uow: UnitOfWork, key: AccountKey, who: UUID, *, place: str, language: str) -> None:
    connection = uow.session.connection()
    row = connection.execute(select(account).where(account.c.id == who)).one()
    holds = HOLDS[INVITATION]
    token = password_tokens.make(connection, who, INVITATION, uow.now)
    letters.send(
        connection, key, "invitation", row, place=place, language=language, now=uow.now,
        correlation_id=uow.context.correlation_id, secret=token, holds=holds, days=holds.days,
    )  # fmt: skip
    uow.audit("account.invited", subject=who)
