"""The reader on the real broker: what comes in pieces, what ends, what hangs."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from chassis.broker import deliveries, reader
from chassis.broker.deliveries import Delivery
from chassis.broker.publisher import BrokerAwayError, Message, Publisher
from chassis.broker.reader import Binding, QueueSpec, Reader
from chassis.broker.topology import subscription_arguments
from chassis.settings import Settings
from tests.service.chassis.half_dead import Link
from tests.stack import Corner, eventually

QUEUE = QueueSpec("things", (Binding("things", "#"),), subscription_arguments("probe"))


@pytest.fixture
def amqp_url(corner: Callable[..., Corner]) -> str:
    url = Settings.from_environment(corner().environment).amqp_url
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        connection.channel().exchange_declare("things", "topic", durable=True)
    return url


@pytest.fixture
def link(amqp_url: str) -> Iterator[Link]:
    one = Link(amqp_url)
    yield one
    one.close()


@pytest.fixture
def channel(amqp_url: str) -> Iterator[BlockingChannel]:
    with pika.BlockingConnection(pika.URLParameters(amqp_url)) as connection:
        channel = connection.channel()
        channel.queue_declare(QUEUE.name, durable=True, arguments=dict(QUEUE.arguments))
        channel.queue_bind(QUEUE.name, "things", "#")
        channel.confirm_delivery()
        yield channel


class Reading:
    """A reader in a thread of its own, which acknowledges what it gathers."""

    def __init__(self, url: str, *, batch: int = 10) -> None:
        self.reader = Reader(url, QUEUE, prefetch=batch * 2, batch=batch)
        self.gathered: list[Delivery] = []
        self.take: Callable[[list[Delivery]], None] = self._gather
        self._thread = threading.Thread(target=self.reader.run, args=(self._hand_on,))
        self._thread.start()

    def _hand_on(self, batch: list[Delivery]) -> None:
        self.take(batch)

    def _gather(self, batch: list[Delivery]) -> None:
        self.gathered += batch
        batch[-1].acknowledge(all_before=True)

    def bodies(self) -> list[bytes]:
        return [delivery.body for delivery in self.gathered]

    def stop(self, seconds: float = 10) -> None:
        self.reader.stop()
        self._thread.join(seconds)
        assert not self._thread.is_alive()


def waiting(channel: BlockingChannel) -> int:
    """Messages that nobody has at the moment."""
    count: int = channel.queue_declare(QUEUE.name, passive=True).method.message_count
    return count


@pytest.fixture
def reading(link: Link) -> Iterator[Reading]:
    one = Reading(link.url)
    eventually(lambda: one.reader.connected)
    yield one
    one.stop()


@pytest.mark.parametrize("chunk", [7, 1000, 256 * 1024])
def test_deliveries_come_whole_whatever_the_pieces(
    channel: BlockingChannel, amqp_url: str, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(deliveries, "_CHUNK", chunk)
    # around the largest frame that RabbitMQ sends, too
    sizes = [0, 1, 7, 8, 1000, *((131_064, 131_072, 131_073, 400_000) if chunk > 7 else ()), 3]
    for number, size in enumerate(sizes):
        properties = pika.BasicProperties(headers={"number": number} if number % 2 else None, reply_to=f"r{number}")
        channel.basic_publish("things", f"thing.{number}", bytes([number]) * size, properties)
    reading = Reading(amqp_url)
    eventually(lambda: len(reading.gathered) == len(sizes))
    reading.stop()
    assert reading.bodies() == [bytes([number]) * size for number, size in enumerate(sizes)]
    for number, delivery in enumerate(reading.gathered):
        assert delivery.routing_key == f"thing.{number}"
        assert delivery.headers == ({"number": number} if number % 2 else {})
        assert delivery.properties["reply_to"] == f"r{number}"
        assert not delivery.redelivered


def test_a_deleted_queue_is_made_again(channel: BlockingChannel, reading: Reading) -> None:
    channel.queue_delete(QUEUE.name)
    eventually(lambda: not reading.reader.connected)
    eventually(lambda: reading.reader.connected)
    channel.basic_publish("things", "thing", b"after")
    eventually(lambda: reading.bodies() == [b"after"])


def test_what_was_not_acknowledged_comes_again_and_says_so(
    channel: BlockingChannel, reading: Reading, link: Link
) -> None:
    taken: list[Delivery] = []

    def lose_the_link(batch: list[Delivery]) -> None:
        taken.extend(batch)
        link.cut()
        reading.take = reading._gather

    reading.take = lose_the_link
    channel.basic_publish("things", "thing", b"once")
    eventually(lambda: reading.bodies() == [b"once"])
    assert reading.gathered[0].redelivered
    # what an old connection brought can't acknowledge what the new one has brought
    reading.take = reading.gathered.extend
    channel.basic_publish("things", "thing", b"twice")
    eventually(lambda: len(reading.gathered) == 2)
    taken[0].acknowledge(all_before=True)
    reading.stop()
    eventually(lambda: waiting(channel) == 1)


def test_a_link_that_hangs_is_given_up(channel: BlockingChannel, link: Link, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_HEARTBEAT", 2)
    reading = Reading(link.url)
    eventually(lambda: reading.reader.connected)
    link.freeze()
    eventually(lambda: not reading.reader.connected)
    link.thaw()
    channel.basic_publish("things", "thing", b"after")
    eventually(lambda: reading.bodies() == [b"after"])
    reading.stop()


def test_a_broker_that_does_not_answer_while_connecting_is_tried_again(
    channel: BlockingChannel, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_PATIENCE", 1.0)
    declare = Reader._declare

    def declare_over_a_frozen_link(self: Reader, channel: Any) -> None:
        if link.accepted == 1:
            link.freeze()
        declare(self, channel)

    monkeypatch.setattr(Reader, "_declare", declare_over_a_frozen_link)
    reading = Reading(link.url)
    eventually(lambda: link.accepted == 2)
    link.thaw()
    channel.basic_publish("things", "thing", b"after")
    eventually(lambda: reading.bodies() == [b"after"])
    reading.stop()


def test_stopping_does_not_wait_for_a_link_that_hangs(reading: Reading, link: Link) -> None:
    link.freeze()
    started = time.monotonic()
    reading.stop()
    assert time.monotonic() - started < 5


def test_a_publisher_gives_up_a_link_that_hangs(channel: BlockingChannel, link: Link) -> None:
    publisher = Publisher(link.url, "tests", timeout=1.5)
    message = Message(str(uuid.uuid4()), QUEUE.name, b"body", exchange="")
    assert publisher.publish([message]) == [0]
    link.freeze()
    for _ in range(2):
        started = time.monotonic()
        with pytest.raises(BrokerAwayError):
            publisher.publish([message])
        assert time.monotonic() - started < 4
    link.thaw()
    assert publisher.publish([message]) == [0]
    publisher.close()
    eventually(lambda: waiting(channel) >= 2)
