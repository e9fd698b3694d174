"""FastStream on RabbitMQ with SQLAlchemy's asyncio, a transaction per event. `faststream run` starts it."""

from __future__ import annotations

import os
from typing import Any

from faststream import AckPolicy, FastStream
from faststream.rabbit import Channel, ExchangeType, RabbitBroker, RabbitExchange, RabbitQueue
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from tests.bench.events.statements import INBOX, UPSERT, values

#: Messages under way at a time: FastStream handles as many at once as it is given.
PREFETCH = int(os.environ.get("BENCH_PREFETCH", "20"))
_INBOX = text(INBOX).bindparams(subscription="faststream")
_UPSERT = text(UPSERT)

url = os.environ["BENCH_DATABASE_URL"].replace("postgresql:", "postgresql+asyncpg:")
sessions = async_sessionmaker(create_async_engine(url, pool_size=PREFETCH))
exchange = RabbitExchange("registry", type=ExchangeType.TOPIC, durable=True)
queue = RabbitQueue("businesses.enterprise-registered", durable=True, routing_key="enterprise-registered")
broker = RabbitBroker(os.environ["BENCH_AMQP_URL"], default_channel=Channel(prefetch_count=PREFETCH))
app = FastStream(broker)


@broker.subscriber(queue, exchange, ack_policy=AckPolicy.NACK_ON_ERROR)
async def list_business(event: dict[str, Any]) -> None:
    """Once for each event, however often it comes."""
    async with sessions.begin() as session:
        if (await session.execute(_INBOX, {"id": event["id"]})).rowcount:
            await session.execute(_UPSERT, values(event))
