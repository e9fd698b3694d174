"""What is broken: processes killed, paused or told to go, and backends of the database; the supervisor restarts them."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Self

import psutil
import psycopg

from tests.chaos.machine import ChaosStack

#: One of the platform's connections to PostgreSQL, whatever it does at the moment.
_BACKENDS = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename = 'plut'"


class Faults:
    """Breaks things and counts them."""

    def __init__(self, stack: ChaosStack) -> None:
        self.stack = stack
        self.counts: Counter[str] = Counter()

    @property
    def total(self) -> int:
        """How many faults there were."""
        return self.counts.total()

    def kill(self, name: str) -> bool:
        """`kill -9` of a program; False when it doesn't run just now."""
        pid = self.stack.pid(name)
        return pid is not None and self._signal(f"kill -9 {name}", pid, signal.SIGKILL)

    def kill_child(self, name: str) -> bool:
        """`kill -9` of one of the processes that a program has begun."""
        children = self.stack.family(name)[1:]
        what, chosen = f"kill -9 a child of {name}", random.sample(children, min(1, len(children)))
        return any(self._signal(what, each.pid, signal.SIGKILL) for each in chosen)

    def kill_backend(self) -> bool:
        """`kill -9` of a random connection's backend: PostgreSQL ends every other one and recovers from its log."""
        try:
            with self.stack.connect("postgres") as connection:
                found = [row[0] for row in connection.execute(_BACKENDS)]
        except psycopg.OperationalError:
            return False  # it is just recovering from the last one
        return bool(found) and self._signal("kill -9 a backend", random.choice(found), signal.SIGKILL)  # noqa: S311

    def away(self, name: str) -> None:
        """Stop a program politely, and leave it stopped."""
        self.counts[f"{name} away"] += 1
        self.stack.supervisor.stop(name)

    def terminate(self, name: str, patience: float = 60) -> float:
        """SIGTERM; returns the seconds until the process had gone."""
        family = self.stack.family(name)
        assert family, f"{name} doesn't run"
        first = family[0]
        began = time.monotonic()
        self._signal(f"SIGTERM {name}", first.pid, signal.SIGTERM)
        with contextlib.suppress(psutil.NoSuchProcess):
            first.wait(patience)
        return time.monotonic() - began

    @contextmanager
    def paused(self, *names: str) -> Iterator[None]:
        """SIGSTOP of programs with all their children for the length of the block, then SIGCONT."""
        frozen = [process for name in names for process in self.stack.family(name)]
        try:
            for name in names:
                self.counts[f"SIGSTOP {name}"] += 1
            for process in frozen:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.suspend()
            yield
        finally:
            for process in reversed(frozen):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.resume()

    def _signal(self, what: str, pid: int, number: signal.Signals) -> bool:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return False
        self.counts[what] += 1
        return True


class Storm:
    """A fault every few seconds: each kind once, in random order, then at random."""

    def __init__(self, acts: Sequence[Callable[[], bool]], pause: tuple[float, float]) -> None:
        self._acts = list(acts)
        self._pause = pause
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="storm", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        due: list[Callable[[], bool]] = []
        while not self._stopping.wait(random.uniform(*self._pause)):  # noqa: S311
            if not due:
                due = random.sample(self._acts, len(self._acts))
            # one that isn't there to be broken has its turn again later
            act = due.pop()
            if not act():
                due.insert(0, act)
