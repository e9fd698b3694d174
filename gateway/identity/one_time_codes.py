"""Owners of businesses sign in by a code that is sent to their phone.

A code is sent only where the registry knows an owner with that phone. Whether it does is looked up after the answer, by the
courier, so that the answer is the same for every phone, and nobody's money is spent on other people's phones.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
import phonenumbers
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Database
from chassis.unit_of_work import UnitOfWork
from contracts.access import SYSTEM
from contracts.errors import INVALID_REQUEST, PlutError
from gateway.courier import Courier
from gateway.edge.statuses import CODE_REFUSED
from gateway.identity import errands, history, owners, sessions, throttle, tokens
from gateway.identity.account_key import AccountKey
from gateway.identity.callers import Caller, Terms
from gateway.identity.errands import Errand
from gateway.identity.owners import Owners
from gateway.identity.tables import account, phone_code

HOLDS: Final = timedelta(minutes=5)
TRIES: Final = 5
KIND: Final = "owner"
_DIGITS: Final = 6


def normal(phone: str) -> str:
    """A number as people type it in the form of E.164, Indonesian unless it says otherwise; raises `invalid-request`."""
    try:
        number = phonenumbers.parse(phone, "ID")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise PlutError(
            INVALID_REQUEST,
            "This is no phone number.",
            "Ini bukan nomor telepon.",
            fields={"phone": ["Nomor telepon, misalnya 0812 7000 1234. / A phone number, such as 0812 7000 1234."]},
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def ask_for_code(
    *, database: Database, key: AccountKey, phone: str, address: str, language: str, correlation_id: str
) -> None:
    """Have a code sent to a phone. Raises `too-many-requests`, whoever's phone it is."""
    throttle.begin_phone_request(database, phone, address, datetime.now(UTC))
    with UnitOfWork(database, SYSTEM) as uow:
        values = {"phone": phone, "language": language, "correlation_id": correlation_id}
        connection = uow.session.connection()
        errands.put(connection, key, "send-code", values, now=uow.now, until=uow.now + HOLDS)


def send_code(courier: Courier, one: Errand) -> None:
    """The task `send-code`: make a code and have it sent, where the registry knows an owner with that phone."""
    phone = one.values["phone"]
    known = courier.ask(one, "registry", "find_owners_by_phone", {"phone": phone})["items"]
    with courier.unit_of_work(one) as uow:
        connection = uow.session.connection()
        errands.done(connection, one)
        if not known:
            return
        code, until = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}", uow.now + HOLDS
        kept = {"code_hash": _hash(courier.key, phone, code), "tries": 0, "expires_at": until}
        connection.execute(delete(phone_code).where(phone_code.c.expires_at < uow.now))
        connection.execute(
            insert(phone_code)
            .values(phone_hash=_hash(courier.key, phone), **kept)
            .on_conflict_do_update(index_elements=["phone_hash"], set_=kept)
        )
        message = {
            "template": "sign-in-code", "channel": "sms", "address": phone, "language": one.values["language"],
            "params": {"minutes": HOLDS // timedelta(minutes=1)}, "secret": code, "expires_at": until.isoformat(),
            "correlation_id": one.values["correlation_id"],
        }  # fmt: skip
        errands.put(connection, courier.key, "send", message, now=uow.now, until=until)
        uow.audit("account.code-sent", detail={"units": sorted({each["unit"] for each in known})})


def sign_in_with_code(
    *, database: Database, terms: Terms, phone: str, code: str, owners_of: Callable[[str], Owners], caller: Caller
) -> dict[str, Any]:
    """Begin an owner's sign-in, as `sessions.begin` answers it; the account is made at the first one.

    Raises `code-refused` for whatever isn't right, and `too-many-requests`.
    """
    origin = throttle.Origin(caller.address)
    throttle.begin_attempt(database, f"phone-code:{phone}", origin, datetime.now(UTC))
    found = owners_of(phone)
    with database.engine.begin() as connection:
        taken = _take(connection, terms.key, phone, code)
        if not taken:
            history.refused(connection, terms.key, tokens.PHONE, caller, now=datetime.now(UTC), phone=phone)
    if not taken or not found:
        raise _refused()
    with database.engine.begin() as connection:
        who = _account_of(connection, phone, datetime.now(UTC))
    if who is None:
        raise _refused()
    # the platform's own act: nobody else may say in which units an account stands for an owner
    named = {"account": str(who), "name": _masked(phone), "correlation_id": caller.correlation_id}
    with UnitOfWork(database, msgspec.structs.replace(SYSTEM, **named)) as uow:
        connection = uow.session.connection()
        throttle.forget_attempts(database, connection, f"phone-code:{phone}", origin, uow.now)
        owners.renew(connection, who, found)
        return sessions.begin(uow=uow, who=who, caller=caller, terms=terms, method=tokens.PHONE)


def _take(connection: Connection, key: AccountKey, phone: str, code: str) -> bool:
    """Whether `code` is the phone's; each try is counted before it is compared, and the right one ends the code."""
    mine = phone_code.c.phone_hash == _hash(key, phone)
    tried = (
        update(phone_code)
        .where(mine, phone_code.c.expires_at > datetime.now(UTC), phone_code.c.tries < TRIES)
        .values(tries=phone_code.c.tries + 1)
        .returning(phone_code.c.code_hash)
    )
    kept = connection.execute(tried).scalar_one_or_none()
    if kept is None or not secrets.compare_digest(kept, _hash(key, phone, code)):
        return False
    connection.execute(delete(phone_code).where(mine))
    return True


def _refused() -> PlutError:
    """Not a code that holds for this phone; whether anybody has the phone isn't told."""
    return PlutError(
        CODE_REFUSED,
        "The code is wrong, was used already, or has run out. Look at the SMS again, or ask for a new code.",
        "Kode salah, sudah dipakai, atau sudah kedaluwarsa. Lihat lagi SMS Anda, atau minta kode baru.",
        fields={"code": ["Salah, sudah dipakai, atau kedaluwarsa. / Wrong, used already, or run out."]},
    )


def _account_of(connection: Connection, phone: str, now: datetime) -> UUID | None:
    """The phone's account, made where there is none; None where it is disabled."""
    values = {"kind": KIND, "phone": phone, "name": _masked(phone), "created_at": now, "version": 1}
    connection.execute(
        insert(account).values(id=UnitOfWork.new_id(), **values).on_conflict_do_nothing(index_elements=["phone"])
    )
    query = select(account.c.id).where(account.c.phone == phone, account.c.disabled_at.is_(None))
    found: UUID | None = connection.execute(query).scalar_one_or_none()
    return found


def _masked(phone: str) -> str:
    return f"{phone[:5]}***{phone[-3:]}"


def _hash(key: AccountKey, *parts: str) -> bytes:
    return key.hash("phone-code", *parts)
