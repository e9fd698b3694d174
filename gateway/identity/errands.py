"""What is to be done after the answer: written in the transaction of the change, carried out by `gateway.courier`.

So an answer waits neither for another service nor for a mail server, and takes as long whoever is asked about: what depends
on whether an account exists happens later. Errands may hold secrets; they are sealed, and deleted when they are done.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Connection, delete, select, update

from chassis.identifiers import new_id
from chassis.log import logger
from gateway.identity.account_key import AccountKey, AccountKeyError
from gateway.identity.tables import errand

log = logger(__name__)

#: How long an errand that was taken is nobody else's.
LEASE: Final = timedelta(seconds=60)
_FIRST_PAUSE: Final = timedelta(seconds=1)
_LONGEST_PAUSE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Errand:
    """One of them: the name of the task, and what it needs."""

    id: UUID
    task: str
    values: dict[str, Any]
    attempts: int


def put(
    connection: Connection, key: AccountKey, task: str, values: dict[str, Any], *, now: datetime, until: datetime
) -> None:
    """Have a task done soon; after `until` nobody wants it any more."""
    errand_id = new_id()
    sealed = key.seal(orjson.dumps({"task": task, "values": values}), errand_id)
    connection.execute(errand.insert().values(id=errand_id, sealed=sealed, attempts=0, due_at=now, expires_at=until))


def take(connection: Connection, key: AccountKey, now: datetime) -> Errand | None:
    """The errand that has been due longest, for a minute nobody else's; forgets those that have expired."""
    connection.execute(delete(errand).where(errand.c.expires_at <= now))
    due = (
        select(errand.c.id)
        .where(errand.c.due_at <= now)
        .order_by(errand.c.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    row = connection.execute(
        update(errand)
        .where(errand.c.id == due)
        .values(due_at=now + LEASE, attempts=errand.c.attempts + 1)
        .returning(errand.c.id, errand.c.sealed, errand.c.attempts)
    ).one_or_none()
    if row is None:
        return None
    try:
        opened = orjson.loads(key.open(row.sealed, row.id))
    except AccountKeyError:
        # sealed with a key that is gone: nobody can carry it out, and it must not stand before all others
        log.warning("errand can't be opened", errand=str(row.id))
        connection.execute(delete(errand).where(errand.c.id == row.id))
        return take(connection, key, now)
    return Errand(row.id, opened["task"], opened["values"], row.attempts)


def done(connection: Connection, one: Errand) -> None:
    """Forget it."""
    connection.execute(delete(errand).where(errand.c.id == one.id))


def later(connection: Connection, one: Errand, now: datetime) -> None:
    """Try it again after a pause, which grows."""
    pause = min(_FIRST_PAUSE * (1 << min(one.attempts - 1, 6)), _LONGEST_PAUSE)
    connection.execute(update(errand).where(errand.c.id == one.id).values(due_at=now + pause))
