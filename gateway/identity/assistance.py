"""Assisted mode: somebody of an owner's office acts for the owner, who has allowed it, and can do what the owner could.

The owner is told by SMS when it begins and when it ends. Either of the two ends it, or a head of the unit, or time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.scope import in_scope
from chassis.unit_of_work import UnitOfWork
from contracts.access import HEADS
from contracts.errors import NOT_FOUND, PlutError
from gateway.courier import Courier
from gateway.identity import assistance_letters as letters
from gateway.identity import errands
from gateway.identity.account_key import AccountKey
from gateway.identity.ends import refuse_wrong_end
from gateway.identity.errands import Errand
from gateway.identity.tables import account, assistance

EXISTS: Final = "gateway.assistance-exists"
#: How late an assistance may be closed whose time was up while the platform was away. It holds no longer in any case.
_LATE: Final = timedelta(days=7)
_VIEW: Final = select(assistance, account.c.name.label("helper_name")).join(
    account, account.c.id == assistance.c.helper
)


def begin(
    *, uow: UnitOfWork, key: AccountKey, unit: str, longest: timedelta, owner: UUID, how: str, witness: str,
    note: str | None = None, until: datetime | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The caller may act for an owner of `unit` from now on; returns the view.

    Raises `out-of-scope` for an owner of another unit, `invalid-request` for an end that can't be, and
    `gateway.assistance-exists` while another one of the caller's for that owner holds.
    """
    uow.require_scope(unit)
    until = until or uow.now + longest
    refuse_wrong_end("until", until, now=uow.now, longest=longest)
    helper = UUID(uow.context.account)
    mine = (assistance.c.helper == helper) & (assistance.c.owner_id == owner)
    uow.session.execute(_expire(uow.now).where(mine))
    values = {"unit": unit, "owner_id": owner, "helper": helper, "how": how, "note": note, "witness": witness}
    made = uow.session.execute(
        insert(assistance)
        .values(id=uow.new_id(), begun_at=uow.now, until=until, **values)
        .on_conflict_do_nothing()
        .returning(assistance.c.id)
    ).scalar()
    if made is None:
        raise _exists(uow.session.execute(select(assistance.c.id).where(mine, _holds(uow.now))).scalar())
    row = _row(uow, assistance.c.id == made)
    uow.audit("assistance.begun", subject=made, unit=unit, detail={"owner": str(owner), "how": how})
    letters.tell(uow, key, letters.BEGUN, row)
    errands.put(
        uow.session.connection(), key, "end-assistance", {"id": str(made), "correlation_id": uow.context.correlation_id},
        now=until, until=until + _LATE,
    )  # fmt: skip
    return _view(row, uow.now)


def holding(*, uow: UnitOfWork, one: UUID) -> Row[Any] | None:
    """The assistance that the caller wants to act by; None where it isn't theirs, or doesn't hold (any more)."""
    mine = (assistance.c.id == one) & (assistance.c.helper == UUID(uow.context.account))
    return uow.session.execute(select(assistance).where(mine, _holds(uow.now))).one_or_none()


def end(*, uow: UnitOfWork, key: AccountKey, one: UUID, reason: str | None = None) -> dict[str, Any]:
    """End one; returns the view, also of one that has ended before. Raises what `get` raises."""
    row = _row(uow, assistance.c.id == one)
    ended = uow.session.execute(
        update(assistance)
        .where(assistance.c.id == one, _holds(uow.now))
        .values(ended_at=uow.now, ended_by=_by(uow, row), end_reason=reason)
        .returning(assistance.c.id)
    ).scalar()
    if ended is not None:
        uow.audit("assistance.ended", subject=one, unit=row.unit, detail={"owner": str(row.owner_id)})
        letters.tell(uow, key, letters.ENDED, row)
    return get(uow=uow, one=one)


def end_in_time(courier: Courier, one: Errand) -> None:
    """The task `end-assistance`: the time is up, unless somebody has ended it before."""
    which = UUID(one.values["id"])
    with courier.unit_of_work(one) as uow:
        errands.done(uow.session.connection(), one)
        if uow.session.execute(_expire(uow.now).where(assistance.c.id == which).returning(assistance.c.id)).scalar():
            row = uow.session.execute(_VIEW.where(assistance.c.id == which)).one()
            uow.audit(
                "assistance.ended", subject=which, unit=row.unit, detail={"owner": str(row.owner_id), "by": "time"}
            )
            letters.tell(uow, courier.key, letters.ENDED, row)


def get(*, uow: UnitOfWork, one: UUID) -> dict[str, Any]:
    """One that concerns the caller: by them, for them, or in a unit that they are a head of. Raises `not-found`."""
    return _view(_row(uow, assistance.c.id == one), uow.now)


def listing(
    *, uow: UnitOfWork, owner: UUID | None, holds: bool | None, after: UUID | None, limit: int
) -> dict[str, Any]:
    """Those that concern the caller, the newest first: `{items, next}`; `after` is the id of the last one seen."""
    query = _VIEW.where(_reach(uow))
    if owner is not None:
        query = query.where(assistance.c.owner_id == owner)
    if holds is not None:
        query = query.where(_holds(uow.now) if holds else ~_holds(uow.now))
    if after is not None:
        query = query.where(assistance.c.id < after)
    rows = uow.session.execute(query.order_by(assistance.c.id.desc()).limit(limit + 1)).all()
    return {
        "items": [_view(row, uow.now) for row in rows[:limit]],
        "next": str(rows[limit - 1].id) if len(rows) > limit else None,
    }


def purpose_of(one: UUID) -> str:
    """What acts under an assistance are for, as the record says it."""
    return f"assistance:{one}"


def _exists(held: UUID | None) -> PlutError:
    """`held` is None where it lies in a unit in which the caller has no role any more: there only others end it."""
    which = "" if held is None else f" ({held})"
    return PlutError(
        EXISTS,
        f"You assist this owner already{which}. Go on with that, or end it first.",
        f"Anda sudah mendampingi pemilik ini{which}. Lanjutkan yang itu, atau akhiri dahulu.",
        assistance=None if held is None else str(held),
    )


def _holds(now: datetime) -> ColumnElement[bool]:
    return assistance.c.ended_at.is_(None) & (assistance.c.until > now)


def _expire(now: datetime) -> Any:
    over = assistance.c.ended_at.is_(None) & (assistance.c.until <= now)
    return update(assistance).where(over).values(ended_at=assistance.c.until, ended_by="time")


def _reach(uow: UnitOfWork) -> ColumnElement[bool]:
    return or_(
        assistance.c.helper == UUID(uow.context.account),
        assistance.c.owner_id.in_(uow.context.owners),
        in_scope(assistance.c.unit, uow.context.scopes_for(HEADS)),
    )


def _by(uow: UnitOfWork, row: Row[Any]) -> str:
    if row.owner_id in uow.context.owners:
        return "owner"
    return "helper" if str(row.helper) == uow.context.account else "head"


def _row(uow: UnitOfWork, which: ColumnElement[bool]) -> Row[Any]:
    row = uow.session.execute(_VIEW.where(which, _reach(uow))).one_or_none()
    if row is None:
        raise PlutError(NOT_FOUND, "There is no such assistance.", "Pendampingan ini tidak ada.")
    return row


def _view(row: Row[Any], now: datetime) -> dict[str, Any]:
    over = row.ended_at is None and row.until <= now
    ended_at = row.until if over else row.ended_at
    return {
        "id": str(row.id),
        "owner": str(row.owner_id),
        "unit": row.unit,
        "helper": {"account": str(row.helper), "name": row.helper_name},
        "how": row.how,
        "note": row.note,
        "witness": row.witness,
        "begun_at": row.begun_at.isoformat(),
        "until": row.until.isoformat(),
        "holds": ended_at is None,
        "ended_at": ended_at.isoformat() if ended_at else None,
        "ended_by": "time" if over else row.ended_by,
        "end_reason": row.end_reason,
    }
