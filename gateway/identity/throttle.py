"""Slowing down who guesses passwords, without letting them lock others out.

Counted is the pair of account and address: who guesses at somebody's password from elsewhere doesn't slow that person
down. An address that tries many accounts is slowed down as a whole, with a higher limit, since an office shares one; and an
account that many addresses guess at, for all devices that haven't signed in to it before. A device that has counts for
itself alone, so that nobody can keep an account's owner out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, delete, func, select

from chassis.database import Database
from chassis.identifiers import new_id
from contracts.errors import PlutError
from gateway.edge.statuses import TOO_MANY_REQUESTS
from gateway.identity.tables import attempt

WINDOW: Final = timedelta(minutes=15)
FREE_PER_PAIR: Final = 5
FREE_PER_ADDRESS: Final = 60
#: Wrong codes of one account in a day, from wherever they come, before each further one waits: who guesses has the
#: password already, and three of a million codes are right.
FREE_CODES: Final = 10
#: Codes that are sent to one phone, within the window and within a day, and that one address may ask for: each costs
#: money, and somebody's sleep.
FREE_PER_PHONE: Final = 3
FREE_PER_PHONE_AND_DAY: Final = 10
FREE_PHONES_PER_ADDRESS: Final = 20
_LONGEST_FOR_PHONES: Final = timedelta(hours=4)
_FIRST_WAIT: Final = timedelta(seconds=15)
_KEPT: Final = timedelta(days=1)


#: Of one account from wherever unknown devices are, in an hour.
FREE_PER_ACCOUNT: Final = 30
_HOUR: Final = timedelta(hours=1)
_DEVICE: Final = "device:"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an attempt comes from: an address, and the device if it has signed in to the account before."""

    address: str
    device: UUID | None = None

    @property
    def name(self) -> str:
        """What is counted as one."""
        return self.address if self.device is None else f"{_DEVICE}{self.device}"


@dataclass(frozen=True, slots=True)
class Limit:
    """How many attempts of a kind are free within a window."""

    which: ColumnElement[bool]
    free: int
    window: timedelta = WINDOW
    longest: timedelta = WINDOW


def wait_after(failures: int, free: int, longest: timedelta = WINDOW) -> timedelta:
    """How long to wait after so many failures: 15 s, 30 s, 1 min, … at most `longest`."""
    if failures < free:
        return timedelta()
    return min(_FIRST_WAIT * (1 << min(failures - free, 10)), longest)


def begin_attempt(database: Database, email: str, origin: Origin, now: datetime) -> None:
    """Count an attempt before it is made, so that many at once can't slip through.

    Raises PlutError `too-many-requests` with `retry_after` in seconds; a refused attempt isn't counted, so that the
    waiting has an end.
    """
    key = _hashed(database, email)
    limits = [Limit(_pair(key, origin), FREE_PER_PAIR)]
    if origin.device is None:
        unknown = (attempt.c.email_hash == key) & ~attempt.c.address.startswith(_DEVICE)
        limits.append(Limit(attempt.c.address == origin.address, FREE_PER_ADDRESS))
        limits.append(Limit(unknown, FREE_PER_ACCOUNT, _HOUR))
    _begin(database, key, origin.name, limits, now)


def begin_code_attempt(database: Database, who: UUID, origin: Origin, now: datetime) -> None:
    """Count an attempt to prove a second factor, as `begin_attempt` does."""
    key = _hashed(database, _codes_of(who))
    limits = [Limit(_pair(key, origin), FREE_PER_PAIR)]
    if origin.device is None:
        unknown = (attempt.c.email_hash == key) & ~attempt.c.address.startswith(_DEVICE)
        limits.append(Limit(unknown, FREE_CODES, _KEPT))
    _begin(database, key, origin.name, limits, now)


def _pair(key: bytes, origin: Origin) -> ColumnElement[bool]:
    return (attempt.c.email_hash == key) & (attempt.c.address == origin.name)


def begin_phone_request(database: Database, phone: str, address: str, now: datetime) -> None:
    """Count a request for a code to be sent, as `begin_attempt` does: by phone and by address."""
    key = _hashed(database, f"phone:{phone}")
    same = attempt.c.email_hash == key
    limits = [
        Limit(same, FREE_PER_PHONE),
        Limit(same, FREE_PER_PHONE_AND_DAY, _KEPT, _LONGEST_FOR_PHONES),
        Limit(attempt.c.address == address, FREE_PHONES_PER_ADDRESS),
    ]
    _begin(database, key, address, limits, now)


def _begin(database: Database, key: bytes, address: str, limits: Sequence[Limit], now: datetime) -> None:
    with database.engine.begin() as connection:
        for lock in (address, key.hex()):
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(lock, 0))))
        wait = max(_wait(connection, limit, now) for limit in limits)
        if wait <= timedelta():
            connection.execute(attempt.insert().values(id=new_id(), email_hash=key, address=address, at=now))
            return
    seconds = int(wait.total_seconds()) + 1
    raise PlutError(
        TOO_MANY_REQUESTS,
        f"Too many attempts. Try again in {seconds} seconds.",
        f"Terlalu sering mencoba. Coba lagi dalam {seconds} detik.",
        retry_after=seconds,
    )


def forget_attempts(database: Database, connection: Connection, email: str, origin: Origin, now: datetime) -> None:
    """After a success: forget this pair's failures, and everybody's of more than a day ago."""
    mine = _pair(_hashed(database, email), origin)
    connection.execute(delete(attempt).where(mine | (attempt.c.at < now - _KEPT)))


def forget_code_attempts(database: Database, connection: Connection, who: UUID, origin: Origin, now: datetime) -> None:
    """After a code was taken: forget the failures from there."""
    forget_attempts(database, connection, _codes_of(who), origin, now)


def _codes_of(who: UUID) -> str:
    return f"code:{who}"


def _hashed(database: Database, email: str) -> bytes:
    """Whom an attempt was for, so that a typed e-mail, a phone or a password in the wrong field isn't kept.

    Keyed: phones can be tried one by one.
    """
    return bytes.fromhex(database.audit_keys.sign(b"attempt\0" + email.encode()))


def _wait(connection: Connection, limit: Limit, now: datetime) -> timedelta:
    failures: int
    last: datetime | None
    failures, last = connection.execute(
        select(func.count(), func.max(attempt.c.at)).where(limit.which, attempt.c.at > now - limit.window)
    ).one()
    # another attempt of the same moment may carry a later time than this one: only a real wait counts from it
    if last is None or failures < limit.free:
        return timedelta()
    return last + wait_after(failures, limit.free, limit.longest) - now
