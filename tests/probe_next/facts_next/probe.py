"""Events of the probe service after its upgrade."""

from __future__ import annotations

from contracts.events import Event


class ThingCountedV2(Event):
    """A thing was counted, in a unit of measure."""

    mood: str
    amount: int
    measure: str
