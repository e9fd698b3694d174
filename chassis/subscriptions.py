"""Subscriptions: which function of a service hears which event. No broker in here, so any process can run a handler."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from types import ModuleType
from typing import Any, Final, TypeVar

from contracts.events import Event, binding_key

F = TypeVar("F", bound=Callable[..., None])
_MARK: Final = "__plut_subscriptions__"

#: When a handler raised, it is tried again after each of these; after the last the event is dead.
RETRY_SCHEDULE: Final = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)


class Drop(Exception):  # noqa: N818 - an order, as the style asks, not an error's name
    """Raised by a handler: this event will never be of use here, don't try again. Its reason is kept."""


class Retry(Exception):  # noqa: N818
    """Raised by a handler: not now. Tried again after `after`, without using up the schedule's last step early."""

    def __init__(self, reason: str, after: timedelta) -> None:
        super().__init__(reason)
        self.after = after


@dataclass(frozen=True, slots=True)
class Subscription:
    """One handler of one service for one event type; `name` is its queue, so renaming the function loses nothing.

    The major versions of a fact have a queue each (`<name>`, `<name>.v2`) and one `inbox`: said in several, it has one effect.

    What jobs publish comes by a second queue, `<name>.bulk`; for the handler there is no difference.

    `handler(uow, envelope)`, or `handler(uow, envelopes)` where `bulk`: a list of events that are new, of one batch.
    Where `latest_only`, an event that is older than the last one taken of its aggregate never gets there.
    """

    name: str
    event_type: type[Event]
    handler: Callable[..., None]
    bulk: bool = False
    latest_only: bool = False

    @property
    def inbox(self) -> str:
        """Under which name it is noted what was taken."""
        return inbox_of(self.name)

    @property
    def binding_key(self) -> str:
        """How the queue is bound to the topic exchange."""
        return binding_key(self.event_type)


def subscribe(
    event_type: type[Event], *, name: str | None = None, bulk: bool = False, latest_only: bool = False
) -> Callable[[F], F]:
    """Make a function of `services/<service>/handlers.py` a subscription to `event_type`.

    The queue is `<service>.<event>`, or `<service>.<name>` where one event has two handlers in a service; of a second major
    version it ends in `.v2`. Raises ValueError for a name with which queues of two subscriptions could be called the same.
    """
    if name == "bulk" or (name and "." in name):
        raise ValueError(f"a subscription can't be called {name!r}: names of queues end in .bulk and .v2")

    def mark(function: F) -> F:
        service = function.__module__.split(".")[-2]
        version = f".v{event_type.major}" if event_type.major > 1 else ""
        queue = f"{service}.{name or event_type.fact}{version}"
        subscription = Subscription(queue, event_type, function, bulk, latest_only)
        setattr(function, _MARK, [*getattr(function, _MARK, []), subscription])
        return function

    return mark


def inbox_of(subscription: str) -> str:
    """The name of a subscription without the major version of what it hears."""
    return re.sub(r"\.v\d+$", "", subscription)


def subscriptions_in(module: ModuleType | None) -> list[Subscription]:
    """All subscriptions that a module's functions are marked with; raises ValueError where two share a queue."""
    found: list[Subscription] = []
    for value in vars(module).values() if module else ():
        marks: list[Any] = getattr(value, _MARK, []) if callable(value) else []
        found.extend(marks)
    names = [subscription.name for subscription in found]
    for name in set(names):
        if names.count(name) > 1:
            raise ValueError(f"two handlers share the queue {name}: give one of them a name=")
    return found
