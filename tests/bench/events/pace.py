"""A steady rate that waits for nobody: what is late is done at once, and still counts from when it was due."""

from __future__ import annotations

import time


class Pace:
    """So many steps a second from `begin` on; step 0 is due at once."""

    def __init__(self, per_second: float) -> None:
        self._interval = 1 / per_second
        self._began = 0.0

    def begin(self) -> None:
        """The clock starts."""
        self._began = time.perf_counter()

    def wait_for(self, step: int) -> None:
        """Return when the step is due, or at once when that has passed."""
        due = self._began + step * self._interval
        time.sleep(max(due - time.perf_counter(), 0))

    def rate(self, steps: int) -> float:
        """The rate that was kept, `steps` having been done by now."""
        return steps / (time.perf_counter() - self._began)
