"""What is kept for how long: sent events and the inbox by days, replies of commands for two."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from chassis.identifiers import lowest_id
from chassis.unit_of_work import UnitOfWork

#: Days of inbox partitions that are made ahead.
AHEAD = 3


def keep(uow: UnitOfWork, *, days: int) -> None:
    """Make the inbox's partitions of the coming days, drop those older than `days`, delete what else is past keeping.

    An inbox row is at least as old as the longest replay when its partition is dropped, so an old repeat stays harmless.
    """
    connection = uow.session.connection()
    today = uow.now.replace(hour=0, minute=0, second=0, microsecond=0)
    for offset in range(AHEAD + 1):
        start = today + timedelta(days=offset)
        name = f"inbox_{start:%Y%m%d}"
        bounds = (lowest_id(start), lowest_id(start + timedelta(days=1)))
        exists = connection.execute(text("SELECT to_regclass(:name)"), {"name": f"plut.{name}"}).scalar()
        # rows of that day that came before their partition stay in the default one, which then can't be split
        crowded = connection.execute(
            text("SELECT true FROM plut.inbox_other WHERE event_id >= :low AND event_id < :high LIMIT 1"),
            {"low": bounds[0], "high": bounds[1]},
        ).scalar()
        if exists is None and not crowded:
            connection.execute(
                text(f"CREATE TABLE plut.{name} PARTITION OF plut.inbox FOR VALUES FROM ('{bounds[0]}') TO ('{bounds[1]}')")
            )
    oldest = today - timedelta(days=days + 1)
    for name in connection.execute(
        text("SELECT relname FROM pg_class WHERE relnamespace = 'plut'::regnamespace AND relname ~ '^inbox_[0-9]{8}$'")
    ).scalars().all():
        if name < f"inbox_{oldest:%Y%m%d}":
            connection.execute(text(f"DROP TABLE plut.{name}"))
    connection.execute(text("DELETE FROM plut.inbox_other WHERE received_at < :oldest"), {"oldest": oldest})
    connection.execute(text("DELETE FROM plut.outbox WHERE sent_at < :oldest"), {"oldest": oldest})
    connection.execute(
        text("DELETE FROM plut.idempotency WHERE created_at < :oldest"), {"oldest": uow.now - timedelta(days=2)}
    )
