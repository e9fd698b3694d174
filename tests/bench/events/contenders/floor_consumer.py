"""The floor: pika and psycopg and nothing else; batches of 200, two statements each. Goes on until it is told to stop."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import orjson
import pika
import psycopg

from tests.bench.events.statements import INBOX_MANY_BARE, UPSERT_MANY_BARE, values

QUEUE = "floor.enterprise-registered"
BATCH = 200


def main() -> None:
    """Read, write, commit, acknowledge."""
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(SystemExit(0)))
    channel = pika.BlockingConnection(pika.URLParameters(os.environ["BENCH_AMQP_URL"])).channel()
    channel.queue_declare(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
    channel.basic_qos(prefetch_count=2 * BATCH)
    with psycopg.connect(os.environ["BENCH_DATABASE_URL"]) as database:
        for tag, bodies in _batches(channel):
            _take(database, [orjson.loads(body) for body in bodies])
            database.commit()
            channel.basic_ack(tag, multiple=True)


def _batches(channel: Any) -> Iterator[tuple[int, list[bytes]]]:
    """The last delivery tag and the bodies of up to 200 messages, fewer where no more come for 20 ms."""
    bodies: list[bytes] = []
    tag = 0
    for method, _, body in channel.consume(QUEUE, inactivity_timeout=0.02):
        if body is not None:
            tag = method.delivery_tag
            bodies.append(body)
        if bodies and (body is None or len(bodies) == BATCH):
            yield tag, bodies
            bodies = []


def _take(database: psycopg.Connection[Any], events: list[dict[str, Any]]) -> None:
    ids = "{" + ",".join(sorted(event["id"] for event in events)) + "}"
    new = {row[0] for row in database.execute(INBOX_MANY_BARE, (ids, QUEUE))}
    rows = [values(event) for event in events if event["id"] in new]
    if rows:
        database.execute(UPSERT_MANY_BARE, (orjson.dumps(rows).decode(),))


if __name__ == "__main__":
    main()
