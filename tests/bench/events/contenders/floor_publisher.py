"""Fills the floor's queue with the events of a file, by the relay's own publisher; prints the seconds that it took."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from chassis.broker.publisher import Message, Publisher
from tests.bench.events.contenders.floor_consumer import QUEUE


def main(file: Path) -> None:
    """Publish all, 500 confirms under way at a time."""
    publisher = Publisher(os.environ["BENCH_AMQP_URL"], "floor", timeout=30)
    messages = [
        Message(json.loads(line)["id"], QUEUE, line.encode(), exchange="") for line in file.read_text().splitlines()
    ]
    began, cpu = time.perf_counter(), time.process_time()
    for start in range(0, len(messages), 500):
        window = messages[start : start + 500]
        assert len(publisher.publish(window)) == len(window)
    figures = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}
    publisher.close()
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
