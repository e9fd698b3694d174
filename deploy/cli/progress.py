"""How far a job is: a bar on a terminal, a line now and then elsewhere, nothing for `--json`."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

PLAIN_EVERY = 5.0


class JobProgress:
    """Shows the `done`, `total` and `note` or `state` of what a job's resource says. To standard error."""

    def __init__(self, *, quiet: bool = False) -> None:
        """`quiet` shows nothing on a terminal either."""
        console = Console(stderr=True, highlight=False)
        self._quiet = quiet
        self._console = console
        self._bar: Progress | None = None
        if console.is_terminal and not quiet:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self._bar = Progress(*columns, console=console, transient=True)
            self._task = self._bar.add_task("…", total=None)
        self._said = time.monotonic()

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def __call__(self, job: dict[str, Any]) -> None:
        """Show the newest state."""
        text = str(job.get("note") or job["state"])
        done, total = job.get("done") or 0, job.get("total")
        if self._bar:
            self._bar.update(self._task, description=text, completed=done, total=total)
        elif not self._quiet and time.monotonic() - self._said > PLAIN_EVERY:
            self._said = time.monotonic()
            self._console.print(f"{text} {done}" + (f"/{total}" if total else ""))
