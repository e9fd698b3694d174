"""The second factor: a one-time code by time (TOTP, RFC 6238) from somebody's telephone, and ten codes for a day without it.

Who administers accounts must have one. The secret is kept encrypted; a recovery code is kept as a keyed hash.
"""

from __future__ import annotations

import io
import re
import secrets
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pyotp
import segno
from sqlalchemy import Connection, Row, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.unit_of_work import UnitOfWork
from contracts.errors import INVALID_REQUEST, PlutError
from gateway.edge.statuses import SECOND_FACTOR_REQUIRED
from gateway.identity import letters, passwords, powers, recovery_codes, tokens
from gateway.identity.account_key import AccountKey
from gateway.identity.letters import Site
from gateway.identity.tables import account, recovery_code, second_factor
from gateway.identity.tables import sign_in as sign_ins
from gateway.identity.tokens import SignedIn

ISSUER: Final = "PLUT"
#: A secret that was shown and isn't confirmed within this time is shown anew.
PENDING: Final = timedelta(minutes=15)
_STEP: Final = 30
#: Steps of 30 s by which a telephone's clock may be wrong, either way (RFC 6238 section 5.2 recommends one).
_DRIFT: Final = 1
_SHORT: Final = re.compile(r"\d{6}")


def state(*, uow: UnitOfWork, who: SignedIn) -> dict[str, Any]:
    """`{enrolled, required, confirmed_at, recovery_codes_left}` of who asks."""
    connection = uow.session.connection()
    kept = _kept(connection, who.account)
    confirmed = kept.confirmed_at if kept else None
    left = select(func.count()).where(recovery_code.c.account_id == who.account, recovery_code.c.used_at.is_(None))
    return {
        "enrolled": confirmed is not None,
        "required": powers.administers(who.grants),
        "confirmed_at": confirmed.isoformat() if confirmed else None,
        "recovery_codes_left": connection.execute(left).scalar_one(),
    }


def enrol(*, uow: UnitOfWork, key: AccountKey, who: SignedIn, password: str, code: str | None) -> dict[str, Any]:
    """A new secret, which holds once a code of it has been confirmed: `{secret, uri, svg}`.

    Raises `invalid-request` for a wrong password, and `gateway.code-refused` where a present second factor isn't proved.
    """
    connection = uow.session.connection()
    _require_proof(uow, key, who.account, password, code)
    secret = pyotp.random_base32()
    values = {"pending": key.seal(secret.encode(), who.account), "pending_at": uow.now}
    connection.execute(
        insert(second_factor)
        .values(account_id=who.account, **values)
        .on_conflict_do_update(index_elements=["account_id"], set_=values)
    )
    uow.audit("account.second-factor-shown", subject=who.account)
    uri = pyotp.TOTP(secret).provisioning_uri(name=who.email or who.name, issuer_name=ISSUER)
    return {"secret": secret, "uri": uri, "svg": _drawn(uri)}


def confirm(*, uow: UnitOfWork, key: AccountKey, who: SignedIn, code: str, site: Site) -> dict[str, Any]:
    """Take the pending secret into use: `{recovery_codes}`. All other sign-ins end, since they haven't proved it.

    It is told by mail, since whoever has a stolen password could be the first to set one up.

    Raises `gateway.code-refused`, and `gateway.enrolment-refused` where nothing waits to be confirmed (any more).
    """
    connection = uow.session.connection()
    kept = _kept(connection, who.account)
    if kept is None or kept.pending is None or uow.now - kept.pending_at > PENDING:
        raise PlutError(
            "gateway.enrolment-refused",
            "Nothing waits to be confirmed any more: have a new secret shown by POST /api/v1/me/second-factor.",
            "Tidak ada lagi yang menunggu konfirmasi: mulai lagi dengan POST /api/v1/me/second-factor.",
        )
    step = _step_of(key.open(kept.pending, who.account), code, uow.now)
    if step is None:
        raise recovery_codes.refused()
    connection.execute(
        update(second_factor)
        .where(second_factor.c.account_id == who.account)
        .values(secret=kept.pending, pending=None, pending_at=None, confirmed_at=uow.now, last_step=step)
    )
    codes = recovery_codes.renew(connection, key, who.account)
    tokens.end(connection, who.account, but=who.session)
    connection.execute(update(sign_ins).where(sign_ins.c.id == who.session).values(strong=True))
    _tell(uow, key, who.account, site)
    uow.audit("account.second-factor-confirmed", subject=who.account)
    return {"recovery_codes": codes}


def verify(*, uow: UnitOfWork, key: AccountKey, who: SignedIn, code: str) -> None:
    """Prove the second factor for a sign-in that hasn't, such as one through another provider; raises what `prove` raises."""
    connection = uow.session.connection()
    method = prove(connection, key, who.account, code, uow.now)
    connection.execute(update(sign_ins).where(sign_ins.c.id == who.session).values(strong=True))
    uow.audit("account.second-factor-proved", subject=who.account, detail={"method": method})


def disable(*, uow: UnitOfWork, key: AccountKey, who: SignedIn, password: str, code: str, site: Site) -> None:
    """Go on without, which is told by mail.

    Raises `second-factor-required` for who administers accounts, and what `enrol` raises.
    """
    if powers.administers(who.grants):
        raise required()
    connection = uow.session.connection()
    _require_proof(uow, key, who.account, password, code)
    forget(connection, who.account)
    _tell(uow, key, who.account, site)
    uow.audit("account.second-factor-disabled", subject=who.account)


def forget(connection: Connection, who: UUID) -> None:
    """Drop an account's second factor; its sign-ins count as proved by password alone from now on."""
    connection.execute(delete(second_factor).where(second_factor.c.account_id == who))
    connection.execute(delete(recovery_code).where(recovery_code.c.account_id == who))
    connection.execute(update(sign_ins).where(sign_ins.c.account_id == who).values(strong=False))


def install(connection: Connection, key: AccountKey, who: UUID, secret: str, now: datetime) -> None:
    """Give an account a second factor whose secret is known to somebody already."""
    values = {"secret": key.seal(secret.encode(), who), "confirmed_at": now, "last_step": None}
    connection.execute(
        insert(second_factor)
        .values(account_id=who, **values)
        .on_conflict_do_update(index_elements=["account_id"], set_=values)
    )


def prove(connection: Connection, key: AccountKey, who: UUID, code: str, now: datetime) -> str:
    """Take a code of six digits, or a recovery code; each counts once. Returns by which method; raises `gateway.code-refused`.

    That a code is taken is written in the caller's transaction, and two at once can't take the same.
    """
    plain = re.sub(r"[\s-]", "", code).casefold()
    if not _SHORT.fullmatch(plain):
        recovery_codes.use(connection, key, who, plain, now)
        return tokens.RECOVERY
    kept = _kept(connection, who)
    step = _step_of(key.open(kept.secret, who), plain, now) if kept and kept.secret else None
    if kept is None or step is None or (kept.last_step is not None and step <= kept.last_step):
        raise recovery_codes.refused()
    connection.execute(update(second_factor).where(second_factor.c.account_id == who).values(last_step=step))
    return tokens.CODE


def required() -> PlutError:
    """Who administers accounts does so with a second factor only."""
    return PlutError(
        SECOND_FACTOR_REQUIRED,
        "Your role needs a second factor: set it up by POST /api/v1/me/second-factor, or prove it by …/second-factor/verify.",
        "Peran Anda memerlukan faktor kedua: aktifkan dengan POST /api/v1/me/second-factor, atau buktikan dengan …/verify.",
    )


def _tell(uow: UnitOfWork, key: AccountKey, who: UUID, site: Site) -> None:
    connection = uow.session.connection()
    row = connection.execute(select(account).where(account.c.id == who)).one()
    if row.email is not None:
        letters.send(
            connection, key, "second-factor-changed", row, place=site.place, language=site.language, now=uow.now,
            correlation_id=uow.context.correlation_id,
        )  # fmt: skip


def _require_proof(uow: UnitOfWork, key: AccountKey, who: UUID, password: str, code: str | None) -> None:
    connection = uow.session.connection()
    kept = connection.execute(select(account.c.password_hash).where(account.c.id == who)).scalar_one()
    if not passwords.matches(kept, password):
        wrong = ["Kata sandi sekarang salah. / The present password is wrong."]
        raise PlutError(
            INVALID_REQUEST, "The present password is wrong.", "Kata sandi sekarang salah.", fields={"password": wrong}
        )
    present = _kept(connection, who)
    if present is not None and present.secret is not None:
        prove(connection, key, who, code or "", uow.now)


def _kept(connection: Connection, who: UUID) -> Row[Any] | None:
    # locked: two requests with the same code come one after the other
    return connection.execute(
        select(second_factor).where(second_factor.c.account_id == who).with_for_update()
    ).one_or_none()


def _step_of(secret: bytes, code: str, now: datetime) -> int | None:
    """Which step of 30 s a code is of, among those that it may be of now."""
    totp = pyotp.TOTP(secret.decode())
    present = int(now.timestamp()) // _STEP
    steps = range(present - _DRIFT, present + _DRIFT + 1)
    return next((step for step in steps if secrets.compare_digest(totp.generate_otp(step), code)), None)


def _drawn(uri: str) -> str:
    drawn = io.BytesIO()
    segno.make(uri, error="m").save(drawn, kind="svg", scale=4, xmldecl=False)
    return drawn.getvalue().decode()
