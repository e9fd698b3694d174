"""What a publishing process says of itself: one line of JSON, which the benchmark reads."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def measured() -> Iterator[None]:
    """Print the seconds and processor seconds of the block, and the most memory that this process has had."""
    began, cpu = time.perf_counter(), time.process_time()
    yield
    figures = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}
    figures["peak_mb"] = _peak_mb()
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.stdout.flush()


def _peak_mb() -> float:
    # not getrusage: what it tells begins with the memory of whoever started this process
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
