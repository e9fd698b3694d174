"""When a message that could not be handed over is tried again."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

#: After each of these; a mail that isn't taken within two days will hardly be news any more.
SCHEDULE: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(hours=30),
)

#: For what expires, such as a code that somebody waits for: sooner, and then on until it has expired.
SOON: Final = (
    timedelta(seconds=5),
    timedelta(seconds=15),
    timedelta(seconds=30),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
)

#: A message about an enterprise that we haven't heard of yet (its events come through several queues) waits so long each
#: time, and so long in all.
UNKNOWN_PAUSE: Final = timedelta(seconds=5)
UNKNOWN_LIMIT: Final = timedelta(hours=1)


def next_delay(attempts: int, *, soon: bool = False) -> timedelta | None:
    """How long to wait after `attempts` (at least 1) attempts that failed for now; None when that was the last.

    What expires (`soon`) is tried until then.
    """
    if soon:
        return SOON[min(attempts, len(SOON)) - 1]
    return SCHEDULE[attempts - 1] if attempts <= len(SCHEDULE) else None
