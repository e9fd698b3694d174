"""Requests that every service answers for its operators: failed events."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields, validate

STATES = ("waiting", "dead", "dropped")


class _Request(Schema):
    class Meta:
        unknown = RAISE


class _Selection(_Request):
    """Which failed events: all conditions that are given must hold."""

    subscription = fields.String(
        metadata={"description": "Queue of the subscription.", "example": "notifications.enterprise-registered"}
    )
    type = fields.String(
        metadata={"description": "Event type.", "example": "id.plut.registry.enterprise-registered.v1"}
    )
    state = fields.String(validate=validate.OneOf(STATES), metadata={"description": "waiting, dead or dropped."})
    since = fields.AwareDateTime(metadata={"description": "Failed at or after this moment."})
    until = fields.AwareDateTime(metadata={"description": "Failed before this moment."})


class ListFailedEvents(_Selection):
    """Failed events, newest first."""

    cursor = fields.UUID(load_default=None, metadata={"description": "`next` of the page before."})
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200), metadata={"description": "Rows per page."})


class GetFailedEvent(_Request):
    """One failed event with its body."""

    id = fields.UUID(required=True, metadata={"description": "The failed event."})


class MendFailedEvents(_Selection):
    """Failed events to try again or to drop: by `ids`, or by conditions."""

    ids = fields.List(fields.UUID(), load_default=list, metadata={"description": "These ones."})


class FailedEvent(Schema):
    """An event whose handler raised."""

    id = fields.UUID()
    subscription = fields.String()
    event_id = fields.UUID(allow_none=True)
    type = fields.String(allow_none=True)
    unit = fields.String(allow_none=True)
    subject = fields.String(allow_none=True)
    state = fields.String(validate=validate.OneOf(STATES))
    attempts = fields.Integer()
    error = fields.String(metadata={"description": "What was raised, and where."})
    failed_at = fields.AwareDateTime()
    next_attempt_at = fields.AwareDateTime(allow_none=True)
    body = fields.String(
        metadata={"description": "Only when one is read: the message as it came, undecodable bytes escaped."}
    )


class FailedEventPage(Schema):
    """A page of failed events."""

    items = fields.List(fields.Nested(FailedEvent))
    next = fields.UUID(allow_none=True)


class Mended(Schema):
    """How many failed events were changed."""

    count = fields.Integer()
