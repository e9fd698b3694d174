"""A partner's queue on the public exchange: which event was seen when, and whether one came before an older one."""

from __future__ import annotations

import json
import logging
import threading
import time
from itertools import pairwise
from typing import Any

import pika
from pika.exceptions import AMQPError

from contracts.events import EXCHANGE

QUEUE = "chaos.witness"
# a broker that is killed every few seconds is what this is for: pika needn't tell each time
logging.getLogger("pika").setLevel(logging.CRITICAL)


class Witness:
    """Reads in a thread of its own, through every loss of the broker; a message that comes again is only counted."""

    def __init__(self, amqp_url: str) -> None:
        self._url = amqp_url
        self._stopping = threading.Event()
        self._newest: dict[str, str] = {}
        self.seen: dict[str, float] = {}
        """Event id → when it was first seen, on the monotonic clock."""
        self.swaps: list[tuple[float, str, str, str]] = []
        """When, subject, sequence that came first, older sequence that came after it."""
        self.repeats = 0
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="witness", daemon=True)

    def start(self) -> None:
        """Begin to listen; returns when the queue is bound."""
        self._thread.start()
        assert self._ready.wait(20)

    def stop(self) -> None:
        """End the thread; the queue goes with the broker."""
        self._stopping.set()
        self._thread.join(20)

    def silence(self, since: float, until: float) -> float:
        """The longest time, in seconds, in which no event came for the first time."""
        moments = sorted(at for at in list(self.seen.values()) if since <= at <= until)
        borders = [since, *moments, until]
        return max(after - before for before, after in pairwise(borders))

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except (AMQPError, OSError):
                self._stopping.wait(0.2)

    def _listen(self) -> None:
        parameters = pika.URLParameters(self._url)
        parameters.socket_timeout = parameters.stack_timeout = parameters.blocked_connection_timeout = 5
        parameters.heartbeat = 10
        with pika.BlockingConnection(parameters) as connection:
            channel = connection.channel()
            channel.basic_qos(prefetch_count=200)
            channel.queue_declare(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
            channel.queue_bind(QUEUE, EXCHANGE, "#")
            self._ready.set()
            for method, _, body in channel.consume(QUEUE, inactivity_timeout=0.5):
                if self._stopping.is_set():
                    return
                if method is not None and body is not None:
                    self._note(json.loads(body))
                    channel.basic_ack(method.delivery_tag or 0)

    def _note(self, event: dict[str, Any]) -> None:
        if event["id"] in self.seen:
            self.repeats += 1
            return
        now, subject, sequence = time.monotonic(), event["subject"], event["sequence"]
        newest = self._newest.get(subject, "")
        if sequence < newest:
            self.swaps.append((now, subject, newest, sequence))
        self._newest[subject] = max(newest, sequence)
        self.seen[event["id"]] = now
