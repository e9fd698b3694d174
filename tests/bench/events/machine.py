"""What processes cost: processor seconds and memory, of themselves and of all that they have started."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

from deploy.local import database
from deploy.local.stack import LocalStack


class Meter:
    """Reads processor seconds of a contender's processes, of PostgreSQL and of the broker."""

    def __init__(self, stack: LocalStack) -> None:
        pids = {info["name"]: info["pid"] for info in stack.supervisor.processes()}
        self._broker = pids["broker"]
        server = database.server(stack.layout)
        assert server is not None
        self._database = server.pid

    def read(self, own: Iterable[int]) -> dict[str, float]:
        """Processor seconds so far: `own` processes, database, broker."""
        return {
            "own": sum(seconds(pid) for pid in own),
            "database": seconds(self._database),
            "broker": seconds(self._broker),
        }


def seconds(pid: int) -> float:
    """Processor seconds of a process and its children, those that have ended included."""
    total = 0.0
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        for each in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                times = each.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
    return total


def peak_mb(pid: int) -> float:
    """Most memory that a process and its children have had resident, in MB; each by its own peak."""
    total = 0
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        for each in (process, *process.children(recursive=True)):
            with suppress(OSError):
                lines = Path(f"/proc/{each.pid}/status").read_text().splitlines()
                total += next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)
    return total / 1024


def load() -> float:
    """How many processes have wanted a processor during the last minute."""
    return os.getloadavg()[0]
