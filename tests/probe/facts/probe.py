"""Events of the probe service."""

from __future__ import annotations

from contracts.events import Event


class ThingCounted(Event):
    """A thing was counted; `mood` decides what its handler does."""

    mood: str
    number: int
