"""One event at a time: how most handlers are written."""

from __future__ import annotations

from sqlalchemy import text

from chassis.subscriptions import subscribe
from chassis.unit_of_work import UnitOfWork
from contracts.events import Envelope
from contracts.registry import EnterpriseRegistered
from tests.bench.events.statements import UPSERT

_UPSERT = text(UPSERT)


@subscribe(EnterpriseRegistered)
def list_business(uow: UnitOfWork, envelope: Envelope[EnterpriseRegistered]) -> None:
    """Add or renew one business; the chassis keeps the inbox and commits."""
    event = envelope.data
    uow.session.execute(
        _UPSERT,
        {
            "id": event.enterprise,
            "unit": envelope.unit,
            "name": event.business,
            "kind": event.kind,
            "district": event.district,
            "kbli": event.kbli,
            "version": envelope.version,
        },
    )
