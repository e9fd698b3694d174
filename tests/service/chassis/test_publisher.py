"""Publishers on a broker on which nothing has been published yet."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pika
import pytest

from chassis.broker.publisher import Message, Publisher
from chassis.broker.topology import EVENTS_EXCHANGE, LANES
from tests.stack import Corner

EACH = 5


@pytest.mark.parametrize("turn", range(8))
def test_what_publishers_that_begin_together_publish_at_once_reaches_partners(
    turn: int, corner: Callable[..., Corner]
) -> None:
    """RabbitMQ 4 answers before a binding that another connection is just making leads anywhere: so none of them makes one."""
    url = corner().environment["PLUT_AMQP_URL"]
    publishers = [(Publisher(url, f"relay {n} {lane.name}"), lane) for n in range(3) for lane in LANES]
    gate = threading.Barrier(len(publishers))

    def publish(publisher: Publisher, exchange: str) -> None:
        gate.wait()
        publisher.publish([Message(f"{turn}", "probe.thing-counted.v1", b"{}", exchange) for _ in range(EACH)])
        publisher.close()

    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        channel.queue_declare("partner", durable=True)
        channel.queue_bind("partner", EVENTS_EXCHANGE, "#")
        threads = [threading.Thread(target=publish, args=(one, lane.exchange)) for one, lane in publishers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        came = 0
        while channel.basic_get("partner", auto_ack=True)[2] is not None:
            came += 1
    assert came == EACH * len(publishers)
