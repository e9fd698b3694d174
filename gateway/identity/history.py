"""What became of every try to sign in to an account: for its owner, and for those who administer it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, delete, exists, select

from chassis.identifiers import id_of
from chassis.unit_of_work import UnitOfWork
from gateway.courier import Courier
from gateway.identity import accounts, devices, tokens
from gateway.identity.account_key import AccountKey
from gateway.identity.callers import Caller
from gateway.identity.errands import Errand, done, put
from gateway.identity.tables import account, sign_in_history

KEPT: Final = timedelta(days=180)


def accepted(connection: Connection, who: UUID, method: str, caller: Caller, *, known: bool, now: datetime) -> bool:
    """Write a sign-in down. Returns whether it is news to its owner: an account in use, from a device that wasn't seen.

    A program without a device token is told from others by its name and address.
    """
    mine = (sign_in_history.c.account_id == who) & sign_in_history.c.accepted
    alike = mine & (sign_in_history.c.label == caller.label) & (sign_in_history.c.address == caller.address)
    in_use, seen = connection.execute(select(exists().where(mine), exists().where(alike))).one()
    is_news = in_use and not known and not seen
    _write(connection, who, method, caller.address, caller.label, accepted=True, new_device=is_news, at=now)
    return bool(is_news)


def refused(connection: Connection, key: AccountKey, method: str, caller: Caller, *, now: datetime, **who: str) -> None:
    """Have a refusal written down, for whichever account has this `email` or `phone`.

    As an errand, so that it takes as long for an account that there isn't.
    """
    values = {"method": method, "address": caller.address, "label": caller.label, "at": now.isoformat(), **who}
    put(connection, key, "note-refusal", values, now=now, until=now + timedelta(days=1))


def note_refusal(courier: Courier, one: Errand) -> None:
    """The task `note-refusal`."""
    values = one.values
    known = account.c.email == values["email"] if "email" in values else account.c.phone == values["phone"]
    with courier.unit_of_work(one) as uow:
        connection = uow.session.connection()
        done(connection, one)
        who = connection.execute(select(account.c.id).where(known)).scalar_one_or_none()
        if who is not None:
            at = datetime.fromisoformat(values["at"])
            _write(
                connection, who, values["method"], values["address"], values["label"], accepted=False,
                new_device=False, at=at,
            )  # fmt: skip


def forget_old(connection: Connection, now: datetime) -> None:
    """Forget what is past keeping."""
    connection.execute(delete(sign_in_history).where(sign_in_history.c.at < now - KEPT))


def page(*, uow: UnitOfWork, who: UUID, after: UUID | None, limit: int) -> dict[str, Any]:
    """An account's tries, newest first: `{items, next}`; `after` is the id of the last one seen, and ids sort as times."""
    query = select(sign_in_history).where(sign_in_history.c.account_id == who)
    if after is not None:
        query = query.where(sign_in_history.c.id < after)
    rows = uow.session.execute(query.order_by(sign_in_history.c.id.desc()).limit(limit + 1)).all()
    names = ("accepted", "method", "address", "label", "new_device")
    return {
        "items": [{name: getattr(row, name) for name in names} | {"at": row.at.isoformat()} for row in rows[:limit]],
        "next": str(rows[limit - 1].id) if len(rows) > limit else None,
    }


def page_of_another(*, uow: UnitOfWork, who: UUID, after: UUID | None, limit: int) -> dict[str, Any]:
    """The same of an account that the caller administers; raises what `accounts.to_administer` raises."""
    accounts.to_administer(uow, who)
    uow.audit("account.history-read", subject=who)
    return page(uow=uow, who=who, after=after, limit=limit)


def end_sign_ins(*, uow: UnitOfWork, who: UUID) -> None:
    """End all sign-ins of an account that the caller administers, and forget its devices."""
    accounts.to_administer(uow, who)
    connection = uow.session.connection()
    tokens.end(connection, who)
    devices.forget(connection, who)
    uow.audit("account.signed-out-by-another", subject=who)


def _write(
    connection: Connection, who: UUID, method: str, address: str, label: str, *, at: datetime, **more: Any
) -> None:
    # what was refused is written down later, by another process: its id is of when it happened, as its place in the list
    values = {"account_id": who, "method": method, "address": address, "label": label, **more}
    connection.execute(sign_in_history.insert().values(id=id_of(at), at=at, **values))
