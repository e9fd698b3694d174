"""Failed events: those whose handler raised, as rows of the service that heard them."""

from __future__ import annotations

from marshmallow import fields

from contracts.api.fields import Reply, Request, choice, limit, listing, moment, text, uuid, whole
from contracts.api.operations.selecting import ByIds, Selection, event_type, reason, since, subscription, until

STATES = ("waiting", "dead", "dropped")


class _Selection(Selection):
    """Which failed events."""

    subscription = subscription()
    state = choice(STATES, "waiting: tried again by itself; dead: no more attempts; dropped: given up.")
    event = uuid("The event's own id, as it stands in logs; it may have failed in several subscriptions.")
    since = since("Failed")
    until = until("Failed")


class ListFailedEvents(_Selection):
    """Failed events of a service, newest first."""

    cursor = uuid("`next` of the page before.", load_default=None)
    limit = limit()


class GetFailedEvent(Request):
    """One failed event with its body. That it was read is on record."""

    id = uuid("The failed event.", required=True)


class RetryFailedEvents(_Selection, ByIds):
    """Have failed events tried again at once, dead and dropped ones too: by `ids` or by conditions."""


class DropFailedEvents(_Selection, ByIds):
    """Drop failed events, by `ids` or by conditions: they are kept, and tried no more."""

    reason = reason(load_default=None)


class FailedEvent(Reply):
    """An event whose handler raised."""

    id = uuid("The failed event; not the event's own id.")
    subscription = subscription()
    event_id = uuid("The event; null where the body could not be read.", allow_none=True)
    type = event_type(allow_none=True)
    unit = text("Unit.", "21.71", allow_none=True)
    subject = text("The aggregate that the event is about.", allow_none=True)
    state = choice(STATES, "waiting, dead or dropped.")
    attempts = whole("Attempts that failed.", 2)
    error = fields.String(metadata={"description": "What was raised, and where."})
    failed_at = moment("When the first attempt failed.")
    next_attempt_at = moment("When it is tried again.", allow_none=True)
    body = fields.String(
        metadata={"description": "Only when one is read: the message as it came, undecodable bytes escaped."}
    )


class FailedEventPage(Reply):
    """A page of failed events."""

    items = listing(FailedEvent, "Newest first.")
    next = uuid("`cursor` of the next page; null on the last.", allow_none=True)


class Mended(Reply):
    """How many events were changed, or would be."""

    count = whole("Events.", 3)
