"""Every effect is one more row: no key would hide a repeat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from chassis.subscriptions import subscribe
from chassis.unit_of_work import UnitOfWork
from contracts.events import Envelope
from contracts.registry import EnterpriseRegistered, EnterpriseUpdated

TABLE = (
    "CREATE TABLE IF NOT EXISTS effect (event_id uuid NOT NULL, subscription text NOT NULL, subject text NOT NULL,"
    " sequence text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());"
    "CREATE INDEX IF NOT EXISTS effect_event ON effect (event_id)"
)
_NOTE = text(
    "INSERT INTO effect (event_id, subscription, subject, sequence) VALUES (:id, :subscription, :subject, :sequence)"
)


@subscribe(EnterpriseRegistered)
def registered(uow: UnitOfWork, envelope: Envelope[EnterpriseRegistered]) -> None:
    """One event at a time."""
    _note(uow, "ledger.enterprise-registered", [envelope])


@subscribe(EnterpriseUpdated, bulk=True)
def updated(uow: UnitOfWork, envelopes: list[Envelope[EnterpriseUpdated]]) -> None:
    """A batch with one statement."""
    _note(uow, "ledger.enterprise-updated", envelopes)


def _note(uow: UnitOfWork, subscription: str, envelopes: Sequence[Envelope[Any]]) -> None:
    rows = [
        {"id": each.id, "subscription": subscription, "subject": each.subject, "sequence": each.sequence}
        for each in envelopes
    ]
    uow.session.execute(_NOTE, rows)
