"""Celery: sends a task for each event of a file, confirmed one by one; prints the seconds that it took."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from tests.bench.events.contenders.celery_app import list_business


def main(file: Path) -> None:
    """Send all."""
    events = [json.loads(line) for line in file.read_text().splitlines()]
    began, cpu = time.perf_counter(), time.process_time()
    for event in events:
        list_business.delay(event)
    figures = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
