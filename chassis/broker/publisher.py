"""Publishes windows of messages with confirms, on pika's asynchronous connection in the caller's own thread.

`pika.BlockingConnection` confirms one message at a time; here a whole window is on its way before the first confirm is
awaited. The event loop runs only inside `publish` and `idle`, so a publisher belongs to one thread and needs no lock.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pika
from pika.channel import Channel
from pika.exceptions import AMQPError, ShortStringTooLong
from pika.spec import CONTENT_TOO_LARGE, PERSISTENT_DELIVERY_MODE, PRECONDITION_FAILED, Basic

from chassis.broker.topology import EVENTS_EXCHANGE, EXPRESS
from contracts.events import CONTENT_TYPE

#: Codes with which the broker closes a channel because of a message: too large, or properties that it can't accept. Others
#: (no such exchange, no rights) are no fault of the message.
_UNACCEPTABLE = (CONTENT_TOO_LARGE, PRECONDITION_FAILED)


#: Seconds that the broker has to answer when the connection is closed.
_PARTING = 0.2


class BrokerAwayError(Exception):
    """The broker can't be reached, went away, or did not confirm in time. The connection has been thrown away."""


class RefusedError(Exception):
    """The broker will never take one of these messages: it closed the channel, or the queue that was named isn't there."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is published; `id` becomes the AMQP message id.

    With the exchange `""` the routing key is the name of a queue.
    """

    id: str
    routing_key: str
    body: bytes
    exchange: str = EXPRESS.exchange
    headers: Mapping[str, str] | None = None


@dataclass(slots=True)
class _Window:
    """Delivery tags that are still to be confirmed, and those that the broker returned a nack for."""

    waiting: dict[int, int] = field(default_factory=dict)
    confirmed: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)


class Publisher:
    """Publishes windows of messages; connects when it has to."""

    def __init__(self, url: str, name: str, *, timeout: float = 10.0) -> None:
        self._parameters = pika.URLParameters(url)
        self._parameters.client_properties = {"connection_name": name}
        # a little less than this waits: pika gives up a half-open connection cleanly only by itself
        self._parameters.socket_timeout = self._parameters.stack_timeout = timeout * 0.8
        self._parameters.heartbeat = 20
        self._timeout = timeout
        self._connection: pika.SelectConnection | None = None
        self._channel: Channel | None = None
        self._next_tag = 1
        self._window = _Window()
        self._problem: Exception | None = None
        self._opened = False

    def open(self) -> None:
        """Connect now rather than with the first event; raises BrokerAwayError."""
        self._connect()

    def publish(self, messages: Sequence[Message]) -> list[int]:
        """Publish all and wait for every confirm; returns the indexes that the broker confirmed.

        What it answered with a nack is not among them and may be published again. Raises BrokerAwayError (nothing is
        known of what was not confirmed) or RefusedError (one of these messages is unacceptable).
        """
        self._connect()
        assert self._channel is not None
        self._window = _Window()
        properties = pika.BasicProperties(content_type=CONTENT_TYPE, delivery_mode=PERSISTENT_DELIVERY_MODE)
        try:
            for index, message in enumerate(messages):
                properties.message_id, properties.headers = message.id, message.headers
                self._window.waiting[self._next_tag] = index
                self._next_tag += 1
                # an exchange may have no listeners, but who names a queue means it
                self._channel.basic_publish(
                    message.exchange, message.routing_key, message.body, properties, mandatory=not message.exchange
                )
        except ShortStringTooLong:
            # half the window is under way: the connection goes, and the caller finds the one row
            self.close()
            raise RefusedError("the routing key is longer than the 255 bytes that AMQP allows") from None
        except AMQPError as error:
            self.close()
            raise BrokerAwayError(str(error) or type(error).__name__) from None
        self._run_until(lambda: not self._window.waiting, "confirms")
        return self._window.confirmed

    def idle(self, seconds: float) -> None:
        """Wait, and answer heartbeats meanwhile; a lost connection is noticed by the next `publish`."""
        if self._connection is None:
            time.sleep(seconds)
            return
        try:
            self._turn(seconds)
            self._raise_problem()
        except (BrokerAwayError, RefusedError):
            self.close()

    def close(self) -> None:
        """Throw the connection away, without waiting for the broker."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection is None:
            return
        loop = connection.ioloop
        try:
            if connection.is_open:
                connection.add_on_close_callback(lambda *_: loop.stop())
                connection.close()
                _turn(loop, _PARTING)
            if not connection.is_closed:
                # a broker that hangs doesn't answer: the socket is closed all the same
                connection._terminate_stream(None)  # type: ignore[attr-defined]  # noqa: SLF001 - not public
                _turn(loop, _PARTING)
        except Exception:  # noqa: BLE001, S110 - whatever is wrong with it, it is being thrown away
            pass
        finally:
            loop.close()

    # -- the event loop --------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        if self._connection is not None:
            return
        self._problem, self._opened, self._next_tag = None, False, 1
        self._connection = pika.SelectConnection(
            self._parameters,
            on_open_callback=lambda connection: connection.channel(on_open_callback=self._on_channel),
            on_open_error_callback=lambda _, error: self._fail(BrokerAwayError(str(error))),
            on_close_callback=lambda _, reason: self._fail(BrokerAwayError(str(reason))),
        )
        self._run_until(lambda: self._opened, "the connection")

    def _on_channel(self, channel: Channel) -> None:
        self._channel = channel
        channel.add_on_close_callback(self._on_channel_closed)
        channel.add_on_return_callback(self._on_returned)
        channel.confirm_delivery(self._on_confirm, callback=lambda _: self._look(channel))

    def _look(self, channel: Channel) -> None:
        # exchanges are made with the broker (deploy/broker_definitions.py): where they are missing, this says so
        channel.exchange_declare(EVENTS_EXCHANGE, passive=True, callback=lambda _: self._on_ready())

    def _on_ready(self) -> None:
        self._opened = True
        self._stop()

    def _on_channel_closed(self, _: Channel, reason: Exception) -> None:
        unacceptable = getattr(reason, "reply_code", 0) in _UNACCEPTABLE
        self._fail(RefusedError(str(reason)) if unacceptable else BrokerAwayError(str(reason)))

    def _on_returned(self, _: Channel, method: Basic.Return, __: pika.BasicProperties, ___: bytes) -> None:
        self._fail(RefusedError(f"there is no queue {method.routing_key}"))

    def _on_confirm(self, frame: Any) -> None:
        method = frame.method
        window = self._window
        tags = (
            [tag for tag in window.waiting if tag <= method.delivery_tag] if method.multiple else [method.delivery_tag]
        )
        outcome = window.confirmed if isinstance(method, Basic.Ack) else window.refused
        for tag in tags:
            index = window.waiting.pop(tag, None)
            if index is not None:
                outcome.append(index)
        if not window.waiting:
            self._stop()

    def _fail(self, problem: Exception) -> None:
        # the first reason is the true one: a refused message closes the channel, then the connection
        self._problem = self._problem or problem
        self._stop()

    def _stop(self) -> None:
        if self._connection is not None:
            self._connection.ioloop.stop()

    def _run_until(self, done: Any, what: str) -> None:
        deadline = time.monotonic() + self._timeout
        try:
            while not done():
                self._raise_problem()
                left = deadline - time.monotonic()
                if left <= 0:
                    raise BrokerAwayError(f"waited {self._timeout:g} s for {what}")  # noqa: TRY301 - closed below
                self._turn(left)
            self._raise_problem()
        except (BrokerAwayError, RefusedError):
            self.close()
            raise

    def _turn(self, seconds: float) -> None:
        """Run the loop until something stops it, or for `seconds`."""
        assert self._connection is not None
        _turn(self._connection.ioloop, seconds)

    def _raise_problem(self) -> None:
        if self._problem is not None:
            problem, self._problem = self._problem, None
            raise problem


def _turn(loop: Any, seconds: float) -> None:
    timer = loop.call_later(seconds, loop.stop)
    loop.start()
    loop.remove_timeout(timer)
