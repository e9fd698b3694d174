"""Plain nameko at a steady rate: commits a row, then dispatches its event; notes when it began to dispatch."""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

import json  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402

os.environ["PSYCOPG_WAIT_FUNC"] = "wait_select"

import psycopg  # noqa: E402
from nameko.events import EventDispatcher  # noqa: E402
from nameko.rpc import rpc  # noqa: E402
from nameko.runners import ServiceRunner  # noqa: E402
from nameko.standalone.rpc import ClusterRpcProxy  # noqa: E402
from sqlalchemy import create_engine, text  # noqa: E402

from tests.bench.events.pace import Pace  # noqa: E402

WORKERS = 10
EVENTS = [json.loads(line) for line in Path(sys.argv[1]).read_text().splitlines()]
DATABASE = os.environ["BENCH_DATABASE_URL"]
ENGINE = create_engine(DATABASE.replace("postgresql:", "postgresql+psycopg:"), pool_size=WORKERS)
SENT: list[tuple[str, float]] = []
PACE = Pace(float(sys.argv[2]))


class Registrar:
    """Registers businesses."""

    name = "registrar"
    dispatch = EventDispatcher()

    @rpc
    def register(self, first: int) -> None:
        """Every tenth, each at its time."""
        for number in range(first, len(EVENTS), WORKERS):
            PACE.wait_for(number)
            row = {"id": EVENTS[number]["data"]["enterprise"], "name": EVENTS[number]["data"]["business"]}
            with ENGINE.begin() as connection:
                connection.execute(text("INSERT INTO source (id, name) VALUES (:id, :name)"), row)
            SENT.append((row["id"], time.time()))
            self.dispatch("enterprise-registered", EVENTS[number])


def main() -> None:
    """Print the rate that was kept."""
    config = {"AMQP_URI": os.environ["BENCH_AMQP_URL"]}
    runner = ServiceRunner(config)
    runner.add_service(Registrar)
    runner.start()
    with ClusterRpcProxy(config) as cluster:
        PACE.begin()
        calls = [cluster.registrar.register.call_async(number) for number in range(WORKERS)]
        for call in calls:
            call.result()
    rate = PACE.rate(len(EVENTS))
    runner.stop()
    with psycopg.connect(DATABASE) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE source SET sent_at = to_timestamp(%s) WHERE id = %s", [(at, who) for who, at in SENT]
        )
    sys.stdout.write(json.dumps({"rate": rate}) + "\n")


if __name__ == "__main__":
    main()
