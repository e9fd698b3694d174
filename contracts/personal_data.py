"""What a person may ask for: everything that is known about them, or that it be destroyed (UU 27/2022 art. 5 to 8).

The registry publishes `PersonDataRequested`; every service that holds personal data answers with an event of its own, which
subclasses `Answer` in its contracts. That it has such an event is what makes a service a holder: the registry waits for the
answers of all of them, and nobody keeps a list.
"""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Final
from uuid import UUID

from contracts import catalogue
from contracts.events import Event

#: Within which a person is to be answered (UU 27/2022: three times 24 hours).
DEADLINE: Final = timedelta(hours=72)
KINDS: Final = ("export", "erasure")

PERSONAL_FIELDS: Final[dict[str, object]] = {"contact": None, "business": ""}
"""Fields of events that say who somebody is, and what stands there once that has been destroyed."""


class Answer(Event, frozen=True, kw_only=True):
    """Base of a holder's answer. `subject` is the request."""

    abstract: ClassVar[bool] = True

    request: UUID
    records: int
    """How many records were handed over, or destroyed."""
    part: str | None = None
    """Where what was handed over lies in the file store, sealed for the request; none for an erasure."""


def answer_types() -> list[type[Answer]]:
    """The answers of all holders, by type."""
    return [each for each in catalogue.event_types() if issubclass(each, Answer)]


def holders() -> list[str]:
    """The services that hold personal data."""
    return sorted(each.service for each in answer_types())
