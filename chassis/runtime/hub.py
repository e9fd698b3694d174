"""How long green threads keep the processor to themselves: nothing else of the process goes on meanwhile."""

from __future__ import annotations

import time
from typing import NoReturn

import eventlet

from chassis.metrics import HUB_BLOCKED

#: Seconds between two measurements.
PAUSE = 0.1


def watch_hub() -> NoReturn:
    """Measure for ever how late a green thread wakes."""
    while True:
        due = time.monotonic() + PAUSE
        eventlet.sleep(PAUSE)
        HUB_BLOCKED.observe(max(time.monotonic() - due, 0))
