"""Reads a queue with kombu, in the (green) thread that calls `run`, through every loss of the connection."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import kombu
from amqp.exceptions import AMQPError
from kombu.exceptions import OperationalError

from chassis.log import logger

log = logger(__name__)

_LOST = (AMQPError, OperationalError, OSError)
#: Seconds to wait before connecting again, doubled each time up to the second figure.
_BACKOFF = (0.2, 5.0)


@dataclass(frozen=True, slots=True)
class Binding:
    """A queue's place: bound to a topic exchange by a key."""

    exchange: str
    key: str


@dataclass(frozen=True, slots=True)
class QueueSpec:
    """A durable queue and its bindings; declared at every connect."""

    name: str
    bindings: tuple[Binding, ...]
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message: its body and properties, and the means to acknowledge it."""

    body: bytes
    properties: Mapping[str, Any]
    routing_key: str
    tag: int
    _reader: Reader
    _channel: Any

    @property
    def headers(self) -> Mapping[str, Any]:
        """Application headers."""
        return self.properties.get("application_headers") or {}

    def acknowledge(self, *, all_before: bool = False) -> None:
        """Acknowledge this message, or it and all before it; nothing happens when its connection is gone."""
        self._reader.acknowledge(self._channel, self.tag, all_before=all_before)

    def reply(self, body: bytes, *, exchange: str) -> None:
        """Answer whoever asked, where the message says who that is; raises nothing when its connection is gone."""
        self._reader.reply(self._channel, self, body, exchange)


class Paused(Exception):  # noqa: N818 - an order
    """Raised by a taker that can't work now: give the messages back and begin again when `ready` says so."""

    def __init__(self, ready: Callable[[], bool]) -> None:
        super().__init__()
        self.ready = ready


class Reader:
    """Takes messages off one queue, up to `batch` at a time, waiting `wait` seconds for a batch to fill."""

    def __init__(self, url: str, queue: QueueSpec, *, prefetch: int, batch: int = 1, wait: float = 0.0) -> None:
        self._url = url
        self._spec = queue
        self._prefetch = prefetch
        self._batch = batch
        self._wait = wait
        self._arrived: list[Delivery] = []
        self._paused = threading.Event()
        self._stopping = threading.Event()
        # writes of several green threads to one socket must not mix
        self._writes = threading.Lock()
        self.connected = False

    def pause(self) -> None:
        """Take nothing more; the connection stays, for acknowledgements and replies of what was taken."""
        self._paused.set()

    def stop(self) -> None:
        """Ask `run` to return when what it has taken is done."""
        self._stopping.set()

    def run(self, take: Callable[[list[Delivery]], None]) -> None:
        """Hand batches to `take` until told to stop; what `take` doesn't acknowledge comes again."""
        delay = _BACKOFF[0]
        while not self._stopping.is_set():
            try:
                self._read(take)
                delay = _BACKOFF[0]
            except _LOST as error:
                log.warning("queue lost", queue=self._spec.name, error=str(error)[:200], seconds=delay)
                self._stopping.wait(delay)
                delay = min(delay * 2, _BACKOFF[1])
            except Paused as pause:
                self._await(pause.ready)
            finally:
                self.connected = False

    def _read(self, take: Callable[[list[Delivery]], None]) -> None:
        self._arrived = []
        with kombu.Connection(
            self._url,
            heartbeat=30,
            connect_timeout=5,
            transport_options={"client_properties": {"connection_name": self._spec.name}, "read_timeout": None},
        ) as connection:
            channel = connection.channel()
            queue = self._declare(channel)
            consumer: Any = kombu.Consumer(channel, [queue], on_message=self._on_message, auto_declare=False)
            consumer.qos(prefetch_count=self._prefetch)
            consumer.consume()
            self.connected = True
            beat = time.monotonic()
            while not self._stopping.is_set():
                if self._paused.is_set() and consumer is not None:
                    with self._writes:
                        consumer.cancel()
                    consumer = None
                self._fill(connection)
                if self._arrived and consumer is not None:
                    batch, self._arrived = self._arrived[: self._batch], self._arrived[self._batch :]
                    take(batch)
                if time.monotonic() - beat > 5:  # noqa: PLR2004 - a third of what the broker allows
                    beat = time.monotonic()
                    with self._writes:
                        connection.heartbeat_check()
            if consumer is not None:
                with self._writes:
                    consumer.cancel()

    def _fill(self, connection: Any) -> None:
        """Read until a batch is full, or `wait` has passed since its first message, or nothing comes for a while."""
        deadline = time.monotonic() + (self._wait if self._arrived else 0.5)
        if self._paused.is_set():
            # what came before the consumer was cancelled goes back to the broker with the connection
            self._arrived = []
        while len(self._arrived) < self._batch and not self._stopping.is_set():
            before = len(self._arrived)
            try:
                connection.drain_events(timeout=max(deadline - time.monotonic(), 0.0005))
            except TimeoutError:
                return
            if before == 0 and self._arrived:
                deadline = time.monotonic() + self._wait
            elif time.monotonic() > deadline:
                return

    def _declare(self, channel: Any) -> kombu.Queue:
        queue = kombu.Queue(self._spec.name, channel=channel, durable=True, queue_arguments=dict(self._spec.arguments))
        queue.queue_declare()
        for binding in self._spec.bindings:
            kombu.Exchange(binding.exchange, "topic", channel=channel, durable=True).declare()
            queue.bind_to(binding.exchange, binding.key)
        return queue

    def _on_message(self, message: Any) -> None:
        body = message.body if isinstance(message.body, bytes) else bytes(message.body or "", "utf-8")
        self._arrived.append(
            Delivery(
                body,
                message.properties | {"application_headers": message.headers},
                message.delivery_info["routing_key"],
                message.delivery_tag,
                self,
                message.channel,
            )
        )

    def _await(self, ready: Callable[[], bool]) -> None:
        delay = _BACKOFF[0]
        while not self._stopping.is_set() and not ready():
            self._stopping.wait(delay)
            delay = min(delay * 2, _BACKOFF[1])

    def acknowledge(self, channel: Any, tag: int, *, all_before: bool) -> None:
        """Acknowledge on the channel that brought the message, if that still lives."""
        with self._writes:
            if channel.connection is None:
                return
            try:
                channel.basic_ack(tag, multiple=all_before)
            except _LOST as error:
                log.warning("acknowledgement lost", queue=self._spec.name, error=str(error)[:200])

    def reply(self, channel: Any, delivery: Delivery, body: bytes, exchange: str) -> None:
        """Publish an answer on the channel that brought the question, unconfirmed and transient.

        The asker has a time-out, and a broker that dies takes the asker's queue with it.
        """
        reply_to = delivery.properties.get("reply_to")
        if not reply_to:
            log.warning("request without reply_to", queue=self._spec.name, routing_key=delivery.routing_key)
            return
        with self._writes:
            if channel.connection is None:
                return
            try:
                message = channel.prepare_message(
                    body,
                    content_type="application/json",
                    content_encoding="utf-8",
                    properties={"correlation_id": delivery.properties.get("correlation_id"), "delivery_mode": 1},
                )
                channel.basic_publish(message, exchange=exchange, routing_key=reply_to)
            except _LOST as error:
                log.warning("reply lost", queue=self._spec.name, error=str(error)[:200])
