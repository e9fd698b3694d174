"""A partner who listens: a queue of its own on the events exchange, as the README shows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pika

from contracts.events import EXCHANGE


class Listener:
    """Gathers what comes."""

    def __init__(self, amqp_url: str, *keys: str) -> None:
        self._connection = pika.BlockingConnection(pika.URLParameters(amqp_url))
        self._channel = self._connection.channel()
        self._queue = self._channel.queue_declare("", exclusive=True).method.queue
        for key in keys:
            self._channel.queue_bind(self._queue, EXCHANGE, key)
        self.events: list[dict[str, Any]] = []

    def gather(self) -> list[dict[str, Any]]:
        """Everything that has come so far, in order."""
        while True:
            _, _, body = self._channel.basic_get(self._queue, auto_ack=True)
            if body is None:
                return self.events
            self.events.append(json.loads(body))

    def of(self, name: str) -> list[dict[str, Any]]:
        """The events of one type, such as `enterprise-registered`."""
        return [each for each in self.gather() if f".{name}.v" in each["type"]]

    def close(self) -> None:
        """Go away, and the queue with it."""
        self._connection.close()


@contextmanager
def listening(amqp_url: str, *keys: str) -> Iterator[Listener]:
    """A listener for the length of a block."""
    listener = Listener(amqp_url, *keys)
    try:
        yield listener
    finally:
        listener.close()
