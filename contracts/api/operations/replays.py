"""Replays: published events once more, to one subscription."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.api.fields import (
    JOB_STATES,
    Page,
    Reply,
    Request,
    choice,
    cursor,
    limit,
    listing,
    moment,
    text,
    truth,
    unit,
    uuid,
    whole,
    yes,
)
from contracts.api.operations.selecting import event_type, since, subscription, until

#: Events per second, at most.
FASTEST = 2_000
#: Ids that are compared at a time.
COMPARED = 5_000


class Subscription(Reply):
    """One handler of a service."""

    name = subscription()
    type = event_type()
    queue = text("The queue that takes replays.", "notifications.enterprise-registered.bulk")


class SubscriptionPage(Reply):
    """A service's subscriptions."""

    items = listing(Subscription, "By name.")


class ListSubscriptions(Request):
    """The subscriptions of a service, by name."""


class ReplayWindow(Request):
    """How many events a replay to a subscription would publish."""

    subscription = subscription(required=True)
    type = event_type()
    unit = unit("Of this unit and those below it.")
    since = since("Published", required=True)
    until = until("Published")


class FindMissed(ReplayWindow):
    """Which published events a subscription has never taken, oldest first, a page of thousands at a time.

    An event that failed has been taken; one that waits in the queue has not.
    """

    cursor = cursor()


class ReplayEvents(ReplayWindow):
    """Publish events once more, to one subscription, as a job of the service that has published them.

    What the subscription has taken before has no second effect, unless `again`.
    """

    rate = whole("Events per second, at most.", 200, least=1, most=FASTEST, load_default=200)
    again = yes("Repeat the effects of what was taken before: mails are sent again.")


class Target(Request):
    """Where events of a type go."""

    type = event_type(required=True)
    queue = text("Queue.", required=True, least=1, most=255)


class _Targets(Request):
    """Which published events, from the gateway to the service that has published them."""

    subscription = subscription(required=True)
    targets = fields.List(fields.Nested(Target), required=True, validate=validate.Length(min=1))
    unit = unit()
    since = since("Published", required=True)
    until = until("Published", load_default=None, allow_none=True)


class PlanReplay(_Targets):
    """How many events a replay would publish."""


class StartReplay(_Targets):
    """Begin a replay."""

    rate = whole("Events per second, at most.", 200, least=1, most=FASTEST, required=True)
    again = yes("Repeat effects.")


class ReplayPlan(Reply):
    """What a replay would be."""

    service = text("The service that has published the events.", "registry")
    types = fields.List(event_type())
    events = whole("Events that would be published.", 1_204)
    since = moment("From when.")
    until = moment("Until when.")


class ListPublishedIds(_Targets):
    """Ids of published events, oldest first."""

    cursor = cursor()


class PublishedIds(Reply):
    """A page of ids."""

    items = fields.List(uuid("An event."))
    next = text("Mark of the next page.", allow_none=True)


class FindMissedEvents(Request):
    """Which of these events a subscription has never taken."""

    subscription = subscription(required=True)
    ids = fields.List(uuid("An event."), required=True, validate=validate.Length(max=COMPARED))


class MissedIds(Reply):
    """Those that it has never taken."""

    missed = fields.List(uuid("An event."))


class MissedEventPage(Page):
    """Which published events a subscription has never taken."""

    checked = whole("Published events that this page is about.", 5_000)
    missed = fields.List(uuid("An event."), metadata={"description": "Those that the subscription has not taken."})


class GetReplay(Request):
    """How far a replay is."""

    id = uuid("The job.", required=True)


class StopReplay(GetReplay):
    """Stop a replay after the events that are under way."""


class ResumeReplay(GetReplay):
    """Go on with a stopped or failed replay where it ended."""


class ListReplays(Request):
    """Replays of a service's events, newest first."""

    cursor = uuid("`next` of the page before.", load_default=None)
    limit = limit()


class Replay(Reply):
    """A replay, as a job of the service that has published the events."""

    id = uuid("The job; the replay's id in the header of its messages.")
    service = text("The service that has published the events.", "registry")
    subscription = subscription()
    types = fields.List(event_type())
    unit = text("Only of this unit and those below it.", "21.71", allow_none=True)
    since = moment("Published since.")
    until = moment("Published until.")
    rate = whole("Events per second, at most.", 200)
    again = truth("Whether effects are repeated.")
    state = choice(JOB_STATES, "State.")
    done = whole("Events published so far.", 200)
    total = whole("Events in all.", 1_204, allow_none=True)
    note = text("What it waits for.", allow_none=True)
    error = fields.Dict(allow_none=True, metadata={"description": "Why it failed."})
    created_at = moment("When it was asked for.")
    started_at = moment("When it began.", allow_none=True)
    finished_at = moment("When it ended.", allow_none=True)
    version = whole("Raised by every change; the ETag.", 3)


class ReplayPage(Reply):
    """Replays, newest first."""

    items = listing(Replay, "Newest first.")
    next = uuid("`cursor` of the next page; null on the last.", allow_none=True)
