"""Whom an owner's account stands for: the registry's owners with its phone, as of the last sign-in, and no longer than that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Connection, delete, select

from chassis.unit_of_work import UnitOfWork
from contracts.access import OWNER
from contracts.events import Envelope
from contracts.registry import EnterpriseUpdated
from gateway.identity import tokens
from gateway.identity.tables import account, account_grant, account_owner

Owners = list[dict[str, str]]
"""What the registry answers: an owner and a unit each."""


def renew(connection: Connection, who: UUID, owners: Owners) -> None:
    """What an account stands for from now on, in place of what it stood for."""
    connection.execute(select(account.c.id).where(account.c.id == who).with_for_update())
    for table in (account_grant, account_owner):
        connection.execute(delete(table).where(table.c.account_id == who))
    units = sorted({each["unit"] for each in owners})
    connection.execute(account_grant.insert(), [{"account_id": who, "role": OWNER, "scope": unit} for unit in units])
    connection.execute(
        account_owner.insert(),
        [{"account_id": who, "owner_id": UUID(each["owner"]), "unit": each["unit"]} for each in owners],
    )


def follow_phones(*, uow: UnitOfWork, envelopes: Sequence[Envelope[EnterpriseUpdated]]) -> None:
    """Who signed in with an owner's former phone stands for the owner no longer, and is signed out where nothing is left."""
    changed = {
        each.data.owner: each
        for each in sorted(envelopes, key=lambda each: each.time)
        if each.data.owner is not None and "owner.phone" in each.data.fields
    }
    if not changed:
        return
    query = (
        select(account.c.id, account.c.phone, account_owner.c.owner_id)
        .join(account_owner, account_owner.c.account_id == account.c.id)
        .where(account_owner.c.owner_id.in_(changed))
        .distinct()
    )
    former = [row for row in uow.session.execute(query).all() if row.phone != _phone(changed[row.owner_id])]
    for row in former:
        link = (account_owner.c.account_id == row.id, account_owner.c.owner_id == row.owner_id)
        uow.session.execute(delete(account_owner).where(*link))
        unit = changed[row.owner_id].unit
        uow.audit("account.owner-released", subject=row.id, unit=unit, detail={"owner": str(row.owner_id)})
    for who in keep_units(uow, {row.id for row in former}):
        tokens.end(uow.session.connection(), who)


def keep_units(uow: UnitOfWork, accounts: Iterable[UUID]) -> list[UUID]:
    """Leave these accounts the units that they still stand for an owner in; returns those without any role."""
    without = []
    for each in accounts:
        left = select(account_owner.c.unit).where(account_owner.c.account_id == each)
        mine = account_grant.c.account_id == each
        uow.session.execute(
            delete(account_grant).where(mine, account_grant.c.role == OWNER, account_grant.c.scope.not_in(left))
        )
        if uow.session.execute(select(account_grant.c.role).where(mine).limit(1)).scalar() is None:
            without.append(each)
    return without


def _phone(envelope: Envelope[EnterpriseUpdated]) -> str | None:
    contact = envelope.data.contact
    return contact.phone if contact else None
