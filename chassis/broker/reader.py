"""Reads a queue with kombu, in the (green) thread that calls `run`, through every loss of the connection."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import kombu
from amqp.exceptions import AMQPError
from kombu.exceptions import OperationalError

from chassis.broker.deliveries import Delivery, Frames
from chassis.log import logger

log = logger(__name__)

_LOST = (AMQPError, OperationalError, OSError)
#: Seconds to wait before connecting again, doubled each time up to the second figure.
_BACKOFF = (0.2, 2.0)
#: Seconds to wait for a message before looking whether there is anything else to do.
_LOOK = 0.5
#: Seconds between heartbeats; after two of them without a sign of the broker the connection is given up.
_HEARTBEAT = 30
#: Seconds that the broker has to answer while the queue is being declared, and while the connection is being closed.
_PATIENCE, _PARTING = 10.0, 1.0


@dataclass(frozen=True, slots=True)
class Binding:
    """A queue's place: bound to a topic exchange by a key."""

    exchange: str
    key: str


@dataclass(frozen=True, slots=True)
class QueueSpec:
    """A durable queue and its bindings, declared at every connect; exchanges are there, made with the broker."""

    name: str
    bindings: tuple[Binding, ...]
    arguments: Mapping[str, Any] = field(default_factory=dict)


class Paused(Exception):  # noqa: N818 - an order
    """Raised by a taker that can't work now: give the messages back and begin again when `ready` says so."""

    def __init__(self, ready: Callable[[], bool]) -> None:
        super().__init__()
        self.ready = ready


class Reader:
    """Takes messages off one queue, what has come at a time, up to `batch`; while one batch is taken the next one grows."""

    def __init__(self, url: str, queue: QueueSpec, *, prefetch: int, batch: int = 1) -> None:
        self._url = url
        self._spec = queue
        self._prefetch = prefetch
        self._batch = batch
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

    def _read(self, take: Callable[[list[Delivery]], None]) -> None:
        self._arrived = []
        options = {"client_properties": {"connection_name": self._spec.name}}
        with kombu.Connection(
            self._url, heartbeat=_HEARTBEAT, connect_timeout=5, transport_options=options
        ) as connection:
            socket = connection.connection.transport.sock
            # a broker that is paused answers nothing, and py-amqp would wait for ever
            socket.settimeout(_PATIENCE)
            try:
                self._consume(connection, take)
            finally:
                # at once, not after the wait before the next attempt
                self.connected = False
                socket.settimeout(_PARTING)

    def _consume(self, connection: Any, take: Callable[[list[Delivery]], None]) -> None:
        channel = connection.channel()
        self._declare(channel)
        channel.basic_qos(0, self._prefetch, a_global=False)

        def arrive(method: bytes, header: bytes, body: bytes) -> None:
            self._arrived.append(Delivery(self, channel, method, header, body))

        frames = Frames(connection.connection, arrive)
        # what py-amqp came to read by itself goes back: it would arrive out of order
        consumer = channel.basic_consume(self._spec.name, callback=_give_back)
        frames.take_kept()
        self.connected, takes = True, True
        beat = time.monotonic()
        while not self._stopping.is_set():
            if takes and self._paused.is_set():
                takes = False
                with self._writes:
                    channel.basic_cancel(consumer, nowait=True)
            self._fill(frames)
            if self._arrived and takes:
                batch, self._arrived = self._arrived[: self._batch], self._arrived[self._batch :]
                take(batch)
            if time.monotonic() - beat > _HEARTBEAT / 6:
                beat = time.monotonic()
                with self._writes:
                    connection.heartbeat_check()

    def _fill(self, frames: Frames) -> None:
        """Wait for a message, a while, and take those that have come with it, until a batch is full."""
        if self._paused.is_set():
            # what came before the consumer was cancelled goes back to the broker with the connection
            self._arrived = []
        with suppress(TimeoutError):
            if not self._arrived:
                frames.read(_LOOK)
            while len(self._arrived) < self._batch and not self._stopping.is_set():
                frames.read(0)

    def _declare(self, channel: Any) -> None:
        queue = kombu.Queue(self._spec.name, channel=channel, durable=True, queue_arguments=dict(self._spec.arguments))
        queue.queue_declare()
        for binding in self._spec.bindings:
            queue.bind_to(binding.exchange, binding.key)

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


def _give_back(message: Any) -> None:
    message.channel.basic_reject(message.delivery_tag, requeue=True)
