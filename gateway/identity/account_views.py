"""Reading accounts: one, a page of them, and how they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, exists, func, or_, select

from chassis.scope import in_scope
from chassis.unit_of_work import UnitOfWork
from contracts.access import Grant, contains
from contracts.errors import NOT_FOUND, PlutError
from gateway.identity import powers, tokens
from gateway.identity.tables import account, account_grant, password_token
from gateway.identity.tables import second_factor as second_factors

#: The kinds of accounts.
PERSON, OWNER, PARTNER = "person", "owner", "partner"


def get_account(*, uow: UnitOfWork, who: UUID) -> dict[str, Any]:
    """One account. Raises `not-found` also for one that lies outside the caller's scope."""
    connection = uow.session.connection()
    if not visible(uow, tokens.grants_of(connection, who)):
        raise not_found()
    return account_view(connection, who)


def list_accounts(*, uow: UnitOfWork, kind: str, q: str | None, after: str | None, limit: int) -> dict[str, Any]:
    """Accounts of a kind with a grant in the caller's scope: `{items, next}`.

    People by e-mail, all others in the order in which they were made; `after` is what the last one seen was ordered by.
    """
    connection = uow.session.connection()
    order = account.c.email if kind == PERSON else account.c.id
    in_reach = exists().where(account_grant.c.account_id == account.c.id, in_scope(account_grant.c.scope, _scopes(uow)))
    query = _ACCOUNTS.where(in_reach, account.c.kind == kind).order_by(order).limit(limit + 1)
    if after is not None:
        query = query.where(order > (after if kind == PERSON else UUID(after)))
    if q:
        like = f"%{_escaped(q.casefold())}%"
        query = query.where(or_(account.c.email.like(like), func.lower(account.c.name).like(like)))
    rows = connection.execute(query).all()
    return {
        "items": [_view(row) for row in rows[:limit]],
        "next": str(getattr(rows[limit - 1], order.key)) if len(rows) > limit else None,
    }


def account_view(connection: Connection, who: UUID) -> dict[str, Any]:
    """An account as it is shown: JSON. Raises `not-found`."""
    row = connection.execute(_ACCOUNTS.where(account.c.id == who)).one_or_none()
    if row is None:
        raise not_found()
    return _view(row)


#: Whether an account has a second factor that was confirmed, inside a query over accounts.
ENROLLED = exists().where(second_factors.c.account_id == account.c.id, second_factors.c.secret.is_not(None))
_INVITED = exists().where(password_token.c.account_id == account.c.id, password_token.c.kind == "invitation")
_ACCOUNTS = select(account, tokens.GRANTS.label("grants"), ENROLLED.label("second_factor"), _INVITED.label("invited"))


def _view(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "kind": row.kind,
        "email": row.email,
        "phone": row.phone,
        "name": row.name,
        "grants": as_json(tokens.grants_from(row.grants)),
        "disabled": row.disabled_at is not None,
        "second_factor": row.second_factor,
        "invited": row.invited,
        "created_at": row.created_at.isoformat(),
        "version": row.version,
    }


def visible(uow: UnitOfWork, held: Sequence[Grant]) -> bool:
    """Whether an account that may do `held` lies in what the caller administers."""
    scopes = _scopes(uow)
    return any(contains(scope, grant.scope) for scope in scopes for grant in held)


def _scopes(uow: UnitOfWork) -> tuple[str, ...]:
    return uow.context.scopes_for(powers.GIVES)


def as_json(grants: Sequence[Grant]) -> list[dict[str, str]]:
    """Grants as they are shown."""
    return [{"role": grant.role, "scope": grant.scope} for grant in grants]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def not_found() -> PlutError:
    """There is none, or none that the caller may see."""
    return PlutError(NOT_FOUND, "There is no such account.", "Akun ini tidak ada.")
