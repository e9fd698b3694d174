"""Plain nameko: a service that dispatches the events of a file, by as many workers as nameko has by itself (ten)."""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

import json  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

from nameko.events import EventDispatcher  # noqa: E402
from nameko.rpc import rpc  # noqa: E402
from nameko.runners import ServiceRunner  # noqa: E402
from nameko.standalone.rpc import ClusterRpcProxy  # noqa: E402

from tests.bench.events.report import measured  # noqa: E402

WORKERS = int(os.environ.get("BENCH_WORKERS", "10"))


class Registrar:
    """Says what was registered."""

    name = "registrar"
    dispatch = EventDispatcher()

    @rpc
    def announce(self, first: int) -> None:
        """Dispatch every tenth event; each is confirmed by the broker before the next."""
        for event in EVENTS[first::WORKERS]:
            self.dispatch("enterprise-registered", event)


EVENTS = [json.loads(line) for line in Path(sys.argv[1]).read_text().splitlines()]


def main() -> None:
    """Print the seconds that it took."""
    config = {"AMQP_URI": os.environ["BENCH_AMQP_URL"]}
    runner = ServiceRunner(config)
    runner.add_service(Registrar)
    runner.start()
    with ClusterRpcProxy(config) as cluster, measured():
        calls = [cluster.registrar.announce.call_async(number) for number in range(WORKERS)]
        for call in calls:
            call.result()
    runner.stop()


if __name__ == "__main__":
    main()
