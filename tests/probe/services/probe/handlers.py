"""Handlers that do as the event's mood says."""

from __future__ import annotations

import os
import signal
from typing import Any

from facts.probe import ThingCounted
from sqlalchemy import text

from chassis.subscriptions import Drop, subscribe
from chassis.unit_of_work import UnitOfWork
from contracts.events import Envelope

_NOTE = text("INSERT INTO effect (event_id, subject, number, handler) VALUES (:id, :subject, :number, :handler)")


@subscribe(ThingCounted)
def note(uow: UnitOfWork, envelope: Envelope[ThingCounted]) -> None:
    """Note the effect, unless the mood is bad."""
    uow.session.execute(_NOTE, _row(envelope, "each"))
    if envelope.data.mood == "raise":
        raise RuntimeError("as asked")
    if envelope.data.mood == "raise-once" and not _seen(uow, envelope):
        raise RuntimeError("the first time, as asked")
    if envelope.data.mood == "drop":
        raise Drop("as asked")
    if envelope.data.mood == "kill":
        os.kill(os.getpid(), signal.SIGKILL)


@subscribe(ThingCounted, name="together", bulk=True)
def note_all(uow: UnitOfWork, envelopes: list[Envelope[ThingCounted]]) -> None:
    """Note the effects of a batch with one statement."""
    uow.session.execute(_NOTE, [_row(envelope, "bulk") for envelope in envelopes])


def _seen(uow: UnitOfWork, envelope: Envelope[ThingCounted]) -> bool:
    query = text("SELECT true FROM plut.failed_event WHERE event_id = :id")
    return bool(uow.session.execute(query, {"id": envelope.id}).scalar())


def _row(envelope: Envelope[ThingCounted], handler: str) -> dict[str, Any]:
    return {"id": envelope.id, "subject": envelope.subject, "number": envelope.data.number, "handler": handler}
