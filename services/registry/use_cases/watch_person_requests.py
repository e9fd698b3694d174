"""Watch the deadlines of persons' requests: a warning while there is a day left, and one when it has passed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import and_, or_, select

from chassis.unit_of_work import UnitOfWork
from contracts.registry import PersonRequestDue
from services.registry.storage.tables import person_request as table

#: How long before its deadline a request is spoken of.
AHEAD: Final = timedelta(hours=24)


def watch_person_requests(*, uow: UnitOfWork) -> None:
    """Publish that requests are due, or overdue: once each."""
    late = and_(table.c.due_at < uow.now, table.c.overdue_at.is_(None))
    soon = and_(table.c.due_at < uow.now + AHEAD, table.c.warned_at.is_(None))
    query = select(table).where(table.c.state != "closed", or_(late, soon)).order_by(table.c.id)
    for row in uow.session.execute(query.with_for_update(skip_locked=True)).all():
        _tell(uow, row)


def _tell(uow: UnitOfWork, row: Any) -> None:
    overdue = row.due_at < uow.now
    event = PersonRequestDue(
        request=row.id,
        kind=row.kind,
        enterprise=row.enterprise,
        due_at=row.due_at,
        overdue=overdue,
        missing=tuple(sorted(row.awaited)),
    )
    uow.publish(event, subject=row.id, unit=row.unit, sequence=row.version + 1)
    marks = {"warned_at": row.warned_at or uow.now, "overdue_at": uow.now if overdue else None}
    uow.session.execute(table.update().where(table.c.id == row.id).values(marks | {"version": row.version + 1}))
