"""Fills the floor's queue with the events of a file, by the relay's own publisher; prints the seconds that it took."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from chassis.broker.publisher import Message, Publisher
from tests.bench.events.contenders.floor_consumer import QUEUE
from tests.bench.events.report import measured


def main(file: Path) -> None:
    """Publish all, 500 confirms under way at a time."""
    publisher = Publisher(os.environ["BENCH_AMQP_URL"], "floor", timeout=30)
    messages = [
        Message(json.loads(line)["id"], QUEUE, line.encode(), exchange="") for line in file.read_text().splitlines()
    ]
    with measured():
        for start in range(0, len(messages), 500):
            window = messages[start : start + 500]
            assert len(publisher.publish(window)) == len(window)
    publisher.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
