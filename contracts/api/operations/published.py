"""Published events of a service, as far as they are kept: to look back, and to follow."""

from __future__ import annotations

from marshmallow import fields

from contracts.api.fields import Page, Reply, choice, cursor, limit, listing, mapping, moment, text, uuid, yes
from contracts.api.operations.selecting import Selection, event_type, since, until

ORDERS = ("newest", "oldest")


class ListPublishedEvents(Selection):
    """Events that a service has published, newest first, or oldest first to follow them.

    Without `body`, nested values are left out of `data`: they are where personal data stands. With it, the whole event is
    shown, and that it was read is on record.
    """

    subject = text("The aggregate that the event is about.", "0197f0a2-5b7e-7c3d-9a41-3f2d8c1e6b90")
    event = uuid("The event's id.")
    since = since("Published")
    until = until("Published")
    order = choice(ORDERS, "Which come first.", load_default="newest")
    body = yes("Show events whole, with personal data; on record.")
    cursor = cursor()
    limit = limit()


class PublishedEvent(Reply):
    """An event that the broker has taken."""

    id = uuid("The event.")
    type = event_type()
    unit = text("Unit.", "21.71")
    subject = text("The aggregate that the event is about.")
    sequence = text("The aggregate's version.", "0000000003", allow_none=True)
    time = moment("When it happened.", allow_none=True)
    sent_at = moment("When the broker had taken it.")
    actor = text("The account that caused it.", allow_none=True)
    correlation_id = text("The request that started it all.", allow_none=True)
    causation_id = text("The event that led to it.", allow_none=True)
    data = mapping("What happened, without nested values.")
    body = fields.String(metadata={"description": "Only when asked for: the whole event."})


class PublishedEventPage(Page):
    """A page of published events."""

    items = listing(PublishedEvent, "In the order that was asked for.")
    follow = text("`cursor` from which to go on with `order=oldest`, also when nothing has come yet.", most=200)
