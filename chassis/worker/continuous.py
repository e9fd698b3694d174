"""Continuous work: each in a thread of its own, through whatever goes away meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable

from chassis import log
from chassis.database_errors import is_away
from chassis.jobs import Continuous, Means

logger = log.logger(__name__)

#: Seconds to wait after a step that raised, doubled each time up to the second figure.
BACKOFF = (1.0, 30.0)
#: Seconds that a step under way is given when the worker is being shut down.
GRACE = 15.0


class ContinuousThread:
    """Calls the steps of one piece of continuous work until the worker stops."""

    def __init__(self, work: Continuous, means: Means) -> None:
        self._work = work
        self._means = means
        self._thread = threading.Thread(target=self._run, name=work.name, daemon=True)

    def start(self) -> None:
        """Begin, in the background."""
        self._thread.start()

    def join(self) -> None:
        """Wait for the step under way, but not for ever: what it had claimed falls due again."""
        self._thread.join(GRACE)

    def _run(self) -> None:
        step: Callable[[], int] | None = None
        delay = BACKOFF[0]
        while not self._means.stopping.is_set():
            try:
                step = step or self._work.begin(self._means)
                done = step()
                delay = BACKOFF[0]
            except Exception as error:  # the next step may well succeed, and nobody else would run it
                if is_away(error):
                    logger.warning("continuous work waits for the database", name=self._work.name, seconds=delay)
                else:
                    logger.exception("continuous work failed", name=self._work.name, seconds=delay)
                self._means.stopping.wait(delay)
                delay = min(delay * 2, BACKOFF[1])
                continue
            if not done:
                self._means.stopping.wait(self._work.pause)
