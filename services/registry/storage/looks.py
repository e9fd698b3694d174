"""Who has looked at numbers in full, and what for."""

from __future__ import annotations

from uuid import UUID

from chassis.unit_of_work import UnitOfWork
from services.registry.storage.tables import access_log


def note_look(uow: UnitOfWork, enterprise: UUID, unit: str, *, what: str, purpose: str) -> None:
    """Write down that the caller looks: at the `nik`, or at all `data` of the owner."""
    row = {"id": uow.new_id(), "at": uow.now, "account": uow.context.account, "enterprise": enterprise, "unit": unit}
    uow.session.execute(access_log.insert(), row | {"what": what, "purpose": purpose})
