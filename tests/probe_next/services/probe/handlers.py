"""Handlers of the upgraded service: they hear both versions, and make one of them."""

from __future__ import annotations

from facts.probe import ThingCounted
from facts_next.probe import ThingCountedV2
from sqlalchemy import text

from chassis.subscriptions import subscribe
from chassis.unit_of_work import UnitOfWork
from contracts.events import Envelope

_NOTE = text("INSERT INTO effect (event_id, subject, number, handler) VALUES (:id, :subject, :number, :handler)")


@subscribe(ThingCountedV2)
def note(uow: UnitOfWork, envelope: Envelope[ThingCountedV2]) -> None:
    """Note the effect."""
    _note(uow, envelope, envelope.data.amount, "next from v2")
    if envelope.data.mood == "raise" and envelope.data.amount >= 0:
        raise RuntimeError("as asked")


@subscribe(ThingCounted)
def note_old(uow: UnitOfWork, envelope: Envelope[ThingCounted]) -> None:
    """Note the effect of what was published by the old code."""
    _note(uow, envelope, envelope.data.number, "next from v1")


def _note(uow: UnitOfWork, envelope: Envelope[ThingCounted] | Envelope[ThingCountedV2], number: int, by: str) -> None:
    uow.session.execute(_NOTE, {"id": envelope.id, "subject": envelope.subject, "number": number, "handler": by})
