"""Accounts: made and changed by those who may administer them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.unit_of_work import UnitOfWork
from contracts.access import Grant
from contracts.errors import INVALID_REQUEST, NOT_ALLOWED, OUT_OF_SCOPE, VERSION_CONFLICT, PlutError
from gateway.identity import passwords, powers, second_factor, tokens
from gateway.identity.account_views import OWNER, PARTNER, PERSON, account_view, as_json, not_found, visible
from gateway.identity.tables import account, account_grant

EMAIL_EXISTS = "gateway.email-exists"
_NOT_FOR_PEOPLE: Final = {
    OWNER: (
        "Pemilik masuk dengan nomor telepon yang tercatat di registri, dan akunnya dibuat saat itu. / "
        "Owners sign in by the phone that the registry has, which makes their account."
    ),
    PARTNER: (
        "Sistem mitra masuk dengan kunci: buatlah dengan POST /api/v1/accounts/partners. / "
        "Partner systems sign in by keys: make them by POST /api/v1/accounts/partners."
    ),
}
"""Why a role isn't given to somebody with an e-mail and a password: each is a kind of account of its own, made otherwise."""


def create_account(
    *, uow: UnitOfWork, email: str, name: str, password: str | None, grants: Sequence[Grant]
) -> dict[str, Any]:
    """Make an account, or, without a password, one that nobody can sign in to yet; returns its view.

    Raises `invalid-request` (weak password, a role that can't be had for a scope or by a person), `out-of-scope` (a grant
    that the caller may not give), `gateway.email-exists`.
    """
    _refuse_roles_of_others(grants)
    _refuse_grants(uow, grants)
    if password is not None:
        refuse_weak(password, email, name)
    connection = uow.session.connection()
    new_id = uow.new_id()
    made = connection.execute(
        insert(account)
        .values(
            id=new_id,
            email=email.casefold(),
            name=name,
            password_hash=None if password is None else passwords.make_hash(password),
            created_at=uow.now,
            version=1,
        )
        .on_conflict_do_nothing(index_elements=["email"])
        .returning(account.c.id)
    ).scalar()
    if made is None:
        raise PlutError(
            EMAIL_EXISTS,
            "There is an account with this e-mail.",
            "Sudah ada akun dengan surel ini.",
            fields={"email": ["Sudah dipakai akun lain. / Used by another account."]},
        )
    _set_grants(connection, new_id, grants)
    uow.audit("account.created", subject=new_id, unit=_unit_of(grants), detail={"grants": as_json(grants)})
    return account_view(connection, new_id)


def change_account(*, uow: UnitOfWork, who: UUID, version: int, changes: dict[str, Any]) -> dict[str, Any]:
    """Change `name`, `grants`, `disabled` or `password` of another's account.

    Disabling, and a new password, end its sign-ins at once. Raises `not-found`, `version-conflict`, `not-allowed`
    (somebody who has more than the caller could give, or the caller's own account), and what `create_account` raises.
    """
    connection = uow.session.connection()
    row, held = to_administer(uow, who)
    if row.version != version:
        raise PlutError(
            VERSION_CONFLICT,
            f"The account has changed: it is at version {row.version}.",
            f"Akun sudah berubah: sekarang versi {row.version}.",
            version=row.version,
        )
    _refuse_for_kind(row.kind, changes)
    values: dict[str, Any] = {"version": row.version + 1}
    if "name" in changes:
        values["name"] = changes["name"]
    if "disabled" in changes:
        values["disabled_at"] = (row.disabled_at or uow.now) if changes["disabled"] else None
    if "password" in changes:
        refuse_weak(changes["password"], row.email, values.get("name", row.name))
        values["password_hash"] = passwords.make_hash(changes["password"])
    connection.execute(update(account).where(account.c.id == who).values(values))
    if "grants" in changes:
        _refuse_grants(uow, changes["grants"])
        connection.execute(delete(account_grant).where(account_grant.c.account_id == who))
        _set_grants(connection, who, changes["grants"])
    if changes.get("disabled") or "password" in changes:
        tokens.end(connection, who)
    detail = {"fields": sorted(changes)} | ({"grants": as_json(changes["grants"])} if "grants" in changes else {})
    uow.audit("account.changed", subject=who, unit=_unit_of(held), detail=detail)
    return account_view(connection, who)


def reset_second_factor(*, uow: UnitOfWork, who: UUID) -> None:
    """For somebody who has lost telephone and recovery codes: all sign-ins end, and a role that needs one asks for a new one.

    Raises what `to_administer` raises.
    """
    _, held = to_administer(uow, who)
    connection = uow.session.connection()
    second_factor.forget(connection, who)
    tokens.end(connection, who)
    uow.audit("account.second-factor-reset", subject=who, unit=_unit_of(held))


def to_administer(uow: UnitOfWork, who: UUID) -> tuple[Row[Any], tuple[Grant, ...]]:
    """Another's account, locked, and what it may do.

    Raises `not-found` outside the caller's scope, and `not-allowed` for the caller's own account or one that may do more
    than the caller could give.
    """
    connection = uow.session.connection()
    row = connection.execute(select(account).where(account.c.id == who).with_for_update()).one_or_none()
    held = tokens.grants_of(connection, who)
    if row is None or not visible(uow, held):
        raise not_found()
    if str(who) == uow.context.account or not powers.may_administer(uow.context.grants, held):
        raise PlutError(NOT_ALLOWED, "You may not change this account.", "Anda tidak boleh mengubah akun ini.")
    return row, held


def create_partner(*, uow: UnitOfWork, name: str, scopes: Sequence[str]) -> dict[str, Any]:
    """Make the account of a partner system, which signs in with keys; returns its view.

    Raises `out-of-scope` for a place where the caller may not give the role partner.
    """
    grants = [Grant(PARTNER, scope) for scope in scopes]
    _refuse_grants(uow, grants, asked_as="scopes")
    connection, made = uow.session.connection(), uow.new_id()
    connection.execute(account.insert().values(id=made, kind=PARTNER, name=name, created_at=uow.now, version=1))
    _set_grants(connection, made, grants)
    uow.audit("account.created", subject=made, unit=_unit_of(grants), detail={"grants": as_json(grants)})
    return account_view(connection, made)


def _refuse_for_kind(kind: str, changes: dict[str, Any]) -> None:
    """An owner's roles come from the registry; a partner has its own role only; neither has a password, nor a person theirs."""
    others = {grant.role for grant in changes.get("grants", ())} - {PARTNER}
    if kind != PERSON and ("password" in changes or ("grants" in changes and (kind == OWNER or others))):
        raise PlutError(
            NOT_ALLOWED,
            f"An account of the kind {kind} can't have that.",
            f"Akun jenis {kind} tidak dapat memilikinya.",
        )
    if kind == PERSON:
        _refuse_roles_of_others(changes.get("grants", ()))


def _refuse_roles_of_others(grants: Sequence[Grant]) -> None:
    for index, grant in enumerate(grants):
        if grant.role in _NOT_FOR_PEOPLE:
            raise PlutError(
                INVALID_REQUEST,
                f"An account with an e-mail can't have the role {grant.role}.",
                f"Akun dengan surel tidak dapat memiliki peran {grant.role}.",
                fields={f"grants.{index}.role": [_NOT_FOR_PEOPLE[grant.role]]},
            )


def refuse_weak(password: str, email: str, name: str, *, field: str = "password") -> None:
    """Raise `invalid-request` that says what is wrong with a new password."""
    if found := passwords.objections(password, about=(email, name)):
        raise PlutError(INVALID_REQUEST, "Choose another password.", "Pilih kata sandi lain.", fields={field: found})


def _refuse_grants(uow: UnitOfWork, grants: Sequence[Grant], *, asked_as: str = "grants") -> None:
    for index, grant in enumerate(grants):
        if not powers.fits(grant):
            raise PlutError(
                INVALID_REQUEST,
                f"The role {grant.role} can't be had for the scope {grant.scope!r}.",
                f"Peran {grant.role} tidak berlaku untuk wilayah {grant.scope!r}.",
                fields={f"{asked_as}.{index}.scope": ["Wilayah tidak cocok dengan peran. / Doesn't fit the role."]},
            )
        if not powers.may_give(uow.context.grants, grant):
            raise PlutError(
                OUT_OF_SCOPE,
                f"You may not give the role {grant.role} for {grant.scope!r}.",
                f"Anda tidak boleh memberi peran {grant.role} untuk {grant.scope!r}.",
                fields={f"{asked_as}.{index}": ["Melebihi wewenang Anda. / More than you may give."]},
            )


def _set_grants(connection: Connection, who: UUID, grants: Sequence[Grant]) -> None:
    rows = [{"account_id": who, "role": role, "scope": scope} for role, scope in {(g.role, g.scope) for g in grants}]
    if rows:
        connection.execute(account_grant.insert(), rows)


def _unit_of(grants: Sequence[Grant]) -> str | None:
    return grants[0].scope if grants else None
