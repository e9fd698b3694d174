"""FastStream: publishes the events of a file, a hundred confirms under way at a time; prints the seconds that it took."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from faststream.rabbit import ExchangeType, RabbitBroker, RabbitExchange

from tests.bench.events.report import measured

exchange = RabbitExchange("registry", type=ExchangeType.TOPIC, durable=True)


async def main(events: list[dict[str, Any]]) -> None:
    """Publish all."""
    async with RabbitBroker(os.environ["BENCH_AMQP_URL"], logger=None) as broker:
        with measured():
            for start in range(0, len(events), 100):
                await asyncio.gather(
                    *(
                        broker.publish(event, exchange=exchange, routing_key="enterprise-registered", persist=True)
                        for event in events[start : start + 100]
                    )
                )


if __name__ == "__main__":
    asyncio.run(main([json.loads(line) for line in Path(sys.argv[1]).read_text().splitlines()]))
