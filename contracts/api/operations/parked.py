"""Parked events: rows of a service's outbox that the broker refused for good. Their aggregates wait behind them."""

from __future__ import annotations

from marshmallow import fields

from contracts.api.fields import Reply, Request, choice, limit, listing, moment, text, uuid, whole
from contracts.api.operations.selecting import ByIds, Selection, event_type, reason, since, until

STATES = ("parked", "dropped")


class _Selection(Selection):
    """Which parked events."""

    subject = text("The aggregate that the event is about.", "0197f0a2-5b7e-7c3d-9a41-3f2d8c1e6b90")
    since = since("Parked")
    until = until("Parked")


class ListParkedEvents(_Selection):
    """Parked events of a service, newest first."""

    state = choice(STATES, "parked: its aggregate waits; dropped: given up by an operator.", load_default="parked")
    cursor = whole("`next` of the page before.", load_default=None, allow_none=True)
    limit = limit()


class GetParkedEvent(Request):
    """One parked or given up event with its body. That it was read is on record."""

    id = uuid("The event.", required=True)


class _Mend(_Selection, ByIds):
    """All of them are asked for by their state, not by saying nothing."""

    state = choice(("parked",), "`parked`: all that fit the other conditions.")


class ReleaseParkedEvents(_Mend):
    """Have parked events published after all, by `ids` or by conditions.

    By ids, one that was given up is released, too; it then goes out after later events of its aggregate.
    """


class DropParkedEvents(_Mend):
    """Give parked events up, by `ids` or by conditions: nobody hears of them, and their aggregates go on."""

    reason = reason(required=True, least=3)


class ParkedEvent(Reply):
    """An event that the broker refused."""

    id = uuid("The event.")
    type = event_type()
    unit = text("Unit.", "21.71")
    subject = text("The aggregate that the event is about.")
    routing_key = fields.String(metadata={"description": "How it is published."})
    state = choice(STATES, "parked or dropped.")
    error = fields.String(metadata={"description": "Why the broker refused it; who gave it up, and why."})
    waiting = whole("Events of the same aggregate that wait behind it.", 2)
    created_at = moment("When it was written.")
    parked_at = moment("When the broker refused it.")
    dropped_at = moment("When it was given up.", allow_none=True)
    body = fields.String(metadata={"description": "Only when one is read: the message as it would be published."})


class ParkedEventPage(Reply):
    """A page of parked events."""

    items = listing(ParkedEvent, "Newest first.")
    next = whole("`cursor` of the next page; null on the last.", allow_none=True)
