"""A holder has answered a person's request; the last one completes it."""

from __future__ import annotations

from typing import Any, Literal, cast

from sqlalchemy import select

from chassis.unit_of_work import UnitOfWork
from contracts.events import Envelope
from contracts.personal_data import Answer
from contracts.registry import PersonRequestCompleted
from services.registry.storage.tables import person_request as table


def take_person_answer(*, uow: UnitOfWork, envelope: Envelope[Answer]) -> None:
    """Note it. An erasure is settled by the last answer, an export when it has been handed over."""
    answer, service = envelope.data, envelope.data.service
    row = uow.session.execute(select(table).where(table.c.id == answer.request).with_for_update()).one_or_none()
    if row is None or service not in row.awaited:
        return
    awaited = [each for each in row.awaited if each != service]
    noted = {"service": service, "records": answer.records, "part": answer.part, "at": uow.now.isoformat()}
    changes: dict[str, Any] = {"awaited": awaited, "answers": [*row.answers, noted], "version": row.version + 1}
    if not awaited:
        changes |= {"completed_at": uow.now, "state": "ready"}
        if row.kind == "erasure":
            changes |= {"closed_at": uow.now, "closed_by": uow.context.account, "state": "closed"}
        event = PersonRequestCompleted(
            request=row.id,
            kind=cast("Literal['export', 'erasure']", row.kind),
            enterprise=row.enterprise,
            due_at=row.due_at,
        )
        uow.publish(event, subject=row.id, unit=row.unit, sequence=changes["version"])
    uow.session.execute(table.update().where(table.c.id == row.id).values(changes))
