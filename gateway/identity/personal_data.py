"""What accounts say about a person who owns a business, handed over or destroyed on request."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select, text, update

from chassis.unit_of_work import UnitOfWork
from contracts.gateway import AccountDeleted
from contracts.registry import PersonDataRequested
from gateway.identity import owners
from gateway.identity.tables import account, account_owner, assistance

_QUERIES: Final = {
    "accounts": "SELECT to_jsonb(t) - 'password_hash' FROM account t WHERE id = ANY(:ids)",
    "roles": "SELECT to_jsonb(t) FROM account_grant t WHERE account_id = ANY(:ids)",
    "owners": "SELECT to_jsonb(t) FROM account_owner t WHERE account_id = ANY(:ids)",
    "assistance": "SELECT to_jsonb(t) FROM assistance t WHERE owner_id = ANY(:owners) ORDER BY id",
    "sign_ins": "SELECT to_jsonb(t) - 'token_hash' FROM sign_in t WHERE account_id = ANY(:ids)",
    "devices": "SELECT to_jsonb(t) - 'token_hash' FROM device t WHERE account_id = ANY(:ids)",
    "sign_in_history": "SELECT to_jsonb(t) FROM sign_in_history t WHERE account_id = ANY(:ids) ORDER BY id",
}


def export_person(uow: UnitOfWork, request: PersonDataRequested) -> dict[str, Any]:
    """The accounts that stand for the person, with their sign-ins; never a password or a token, not even hashed."""
    values = {"ids": _accounts_of(uow, request), "owners": list(request.owners)}
    return {name: list(uow.session.execute(text(query), values).scalars()) for name, query in _QUERIES.items()}


def erase_person(uow: UnitOfWork, request: PersonDataRequested) -> int:
    """Take the person off the accounts that stand for them; an account that then stands for nobody is deleted.

    Returns how many accounts were changed.
    """
    accounts = _accounts_of(uow, request)
    uow.session.execute(
        update(assistance)
        .where(assistance.c.owner_id.in_(request.owners))
        .values(note=None, witness="", end_reason=None)
    )
    uow.session.execute(delete(account_owner).where(account_owner.c.owner_id.in_(request.owners)))
    for each in owners.keep_units(uow, accounts):
        _delete(uow, each)
    return len(accounts)


def _accounts_of(uow: UnitOfWork, request: PersonDataRequested) -> list[UUID]:
    query = select(account_owner.c.account_id).where(account_owner.c.owner_id.in_(request.owners)).distinct()
    return list(uow.session.execute(query).scalars())


def _delete(uow: UnitOfWork, account_id: UUID) -> None:
    version = uow.session.execute(
        delete(account).where(account.c.id == account_id).returning(account.c.version)
    ).scalar_one()
    uow.publish(AccountDeleted(account=account_id), subject=account_id, unit="", sequence=version + 1)
    uow.audit("account.deleted", subject=account_id)
