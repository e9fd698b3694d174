"""Celery: sends a task for each event of a file, confirmed one by one; prints the seconds that it took."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.bench.events.contenders.celery_app import list_business
from tests.bench.events.report import measured


def main(file: Path) -> None:
    """Send all."""
    events = [json.loads(line) for line in file.read_text().splitlines()]
    with measured():
        for event in events:
            list_business.delay(event)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
