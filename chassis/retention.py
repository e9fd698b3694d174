"""What is kept for how long: sent events and the inbox by days, replies of commands for two."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from chassis.identifiers import lowest_id
from chassis.unit_of_work import UnitOfWork

#: Days of inbox partitions that are made ahead.
AHEAD = 3
_DAYS = "SELECT relname FROM pg_class WHERE relnamespace = 'plut'::regnamespace AND relname ~ '^inbox_[0-9]{8}$'"


def keep(uow: UnitOfWork, *, days: int) -> None:
    """Make the inbox's partitions of the coming days, drop those older than `days`, delete what else is past keeping.

    An inbox row is at least as old as the longest replay when its partition is dropped, so an old repeat stays
    harmless.
    """
    connection = uow.session.connection()
    make_partitions(connection, uow.now)
    oldest = _midnight(uow.now) - timedelta(days=days + 1)
    for name in connection.execute(text(_DAYS)).scalars().all():
        if name < f"inbox_{oldest:%Y%m%d}":
            connection.execute(text("SELECT plut.drop_inbox_day(:name)"), {"name": name})
    connection.execute(text("DELETE FROM plut.inbox_other WHERE received_at < :oldest"), {"oldest": oldest})
    connection.execute(text("DELETE FROM plut.outbox WHERE sent_at < :oldest"), {"oldest": oldest})
    connection.execute(
        text("DELETE FROM plut.idempotency WHERE created_at < :oldest"), {"oldest": uow.now - timedelta(days=2)}
    )


def make_partitions(connection: Connection, now: datetime) -> None:
    """Make the inbox's partitions of today and the coming days, where they are missing."""
    existing = set(connection.execute(text(_DAYS)).scalars())
    for offset in range(AHEAD + 1):
        start = _midnight(now) + timedelta(days=offset)
        name = f"inbox_{start:%Y%m%d}"
        low, high = lowest_id(start), lowest_id(start + timedelta(days=1))
        # a day whose rows came before its partition stays in the default one, which can't be split any more
        crowded = connection.execute(
            text("SELECT true FROM plut.inbox_other WHERE event_id >= :low AND event_id < :high LIMIT 1"),
            {"low": low, "high": high},
        ).scalar()
        if name not in existing and not crowded:
            connection.execute(
                text("SELECT plut.add_inbox_day(:name, :low, :high)"), {"name": name, "low": low, "high": high}
            )


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
