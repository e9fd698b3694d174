"""Signing in with a password and, where there is a second factor, a code; changing one's own password."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, select, update

from chassis.database import Database
from chassis.unit_of_work import UnitOfWork
from contracts.access import AccessContext
from contracts.errors import PlutError
from gateway.edge.statuses import CODE_REFUSED, CODE_REQUIRED, SIGN_IN_REFUSED
from gateway.identity import (
    devices,
    history,
    password_tokens,
    passwords,
    recovery_codes,
    second_factor,
    sessions,
    throttle,
    tokens,
)
from gateway.identity.account_key import AccountKey
from gateway.identity.account_views import ENROLLED, account_view
from gateway.identity.accounts import refuse_weak
from gateway.identity.callers import Caller, Terms
from gateway.identity.tables import account
from gateway.identity.tokens import SignedIn


def sign_in_with_password(
    *, database: Database, terms: Terms, email: str, password: str, code: str | None, caller: Caller
) -> dict[str, Any]:
    """Begin a sign-in, as `sessions.begin` answers it.

    Raises `sign-in-refused` in the same words and after the same time for an unknown account, a wrong password and a
    disabled account, and `too-many-requests` for who tries too often. Only who knows the password learns that a code is
    wanted (`code-required`), or that it is wrong (`code-refused`).
    """
    now = datetime.now(UTC)
    email = email.casefold()
    with database.engine.connect() as connection:
        query = select(account, ENROLLED.label("enrolled")).where(account.c.email == email)
        row = connection.execute(query).one_or_none()
        device = devices.of_account(connection, caller.device_token, account.c.email == email)
    origin = throttle.Origin(caller.address, device)
    throttle.begin_attempt(database, email, origin, now)
    if not passwords.matches(row.password_hash if row else None, password) or row is None or row.disabled_at:
        _note_refusal(database, terms, tokens.PASSWORD, email, caller)
        raise PlutError(SIGN_IN_REFUSED, "The e-mail or the password is wrong.", "Surel atau kata sandi salah.")
    if row.enrolled:
        _require_code(code)
        throttle.begin_code_attempt(database, row.id, origin, now)
    context = AccessContext(account=str(row.id), name=row.email, grants=(), correlation_id=caller.correlation_id)
    try:
        with UnitOfWork(database, context, own_only=True) as uow:
            connection = uow.session.connection()
            method = tokens.PASSWORD
            if row.enrolled:
                method = second_factor.prove(connection, terms.key, row.id, code or "", uow.now)
            throttle.forget_attempts(database, connection, email, origin, now)
            throttle.forget_code_attempts(database, connection, row.id, origin, now)
            _renew_hash(uow, row, password)
            return sessions.begin(uow=uow, who=row.id, caller=caller, terms=terms, method=method)
    except PlutError as error:
        if error.code != recovery_codes.REFUSED:
            raise
        _note_refusal(database, terms, tokens.CODE, email, caller)
        raise PlutError(CODE_REFUSED, error.message_en, error.message_id, error.fields) from None


def _note_refusal(database: Database, terms: Terms, method: str, email: str, caller: Caller) -> None:
    with database.engine.begin() as connection:
        history.refused(connection, terms.key, method, caller, now=datetime.now(UTC), email=email)


def _require_code(code: str | None) -> None:
    if code is None:
        raise PlutError(
            CODE_REQUIRED,
            "This account has a second factor: send its `code`, too.",
            "Akun ini memakai faktor kedua: kirim juga `code`.",
            fields={"code": ["Enam angka dari aplikasi autentikator. / Six digits from the authenticator."]},
        )


def _renew_hash(uow: UnitOfWork, row: Row[Any], password: str) -> None:
    if passwords.needs_new_hash(row.password_hash):
        renewed = passwords.make_hash(password)
        uow.session.execute(update(account).where(account.c.id == row.id).values(password_hash=renewed))


def change_password(
    *, uow: UnitOfWork, key: AccountKey, who: SignedIn, current: str, new: str, place: str, language: str
) -> dict[str, Any]:
    """Change one's own password, which ends all other sign-ins and is told by mail.

    Raises `invalid-request` that names the field.
    """
    connection = uow.session.connection()
    row = connection.execute(select(account).where(account.c.id == who.account).with_for_update()).one()
    if not passwords.matches(row.password_hash, current):
        raise PlutError(
            "invalid-request",
            "The present password is wrong.",
            "Kata sandi sekarang salah.",
            fields={"current": ["Kata sandi sekarang salah. / The present password is wrong."]},
        )
    refuse_weak(new, row.email, row.name, field="new")
    connection.execute(
        update(account)
        .where(account.c.id == who.account)
        .values(password_hash=passwords.make_hash(new), version=account.c.version + 1)
    )
    tokens.end(connection, who.account, but=who.session)
    password_tokens.tell_of_change(uow, key, row, place=place, language=language)
    uow.audit("account.password-changed", subject=who.account)
    return account_view(connection, who.account)
