"""What a publishing process says of itself: one line of JSON, which the benchmark reads."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def measured() -> Iterator[None]:
    """Print the seconds and processor seconds of the block, and the most memory that this process has had."""
    began, cpu = time.perf_counter(), time.process_time()
    yield
    figures = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.stdout.flush()
