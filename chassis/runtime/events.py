"""Subscriptions as nameko entrypoints: batches from a queue into transactions."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from itertools import groupby
from typing import Any

import orjson
from nameko.extensions import Entrypoint

from chassis.broker.deliveries import Delivery
from chassis.broker.reader import Binding, Paused, QueueSpec, Reader
from chassis.broker.topology import (
    DEAD_EXCHANGE,
    REPLAY_HEADER,
    Lane,
    dead_arguments,
    dead_queue,
    subscription_arguments,
    subscription_of,
)
from chassis.consume import Consumer, inbox_key, take_in
from chassis.database_errors import is_away
from chassis.failures import Incoming, record_failure
from chassis.metrics import BATCH, BATCH_SECONDS, REDELIVERIES
from chassis.runtime.resources import Resources
from chassis.subscriptions import Subscription, inbox_of
from chassis.unit_of_work import UnitOfWork
from contracts.access import SYSTEM


class QueueEntrypoint(Entrypoint, ABC):
    """Reads one queue in a thread of the container, a batch at a time."""

    resources = Resources()

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.reader: Reader | None = None
        self._thread: Any = None

    def start(self) -> None:
        """Begin to read."""
        settings = self.resources.settings
        self.reader = Reader(
            settings.amqp_url,
            self.queue_spec(),
            prefetch=settings.batch_size * 2,
            batch=settings.batch_size,
        )
        self._thread = self.container.spawn_managed_thread(lambda: self.reader.run(self._take), self.method_name)

    def stop(self) -> None:
        """Return when the batch under way is committed and acknowledged."""
        if self.reader is not None:
            self.reader.stop()
            self._thread.wait()

    @property
    def is_connected(self) -> bool:
        """Whether messages are being read."""
        return self.reader is not None and self.reader.connected

    @abstractmethod
    def queue_spec(self) -> QueueSpec:
        """The queue that is read."""

    @abstractmethod
    def process(self, deliveries: list[Delivery]) -> None:
        """Commit the batch's effects; raises SQLAlchemyError when the database is away."""

    def _take(self, deliveries: list[Delivery]) -> None:
        try:
            self.process(deliveries)
        except Exception as error:
            if is_away(error):
                raise Paused(self.resources.database.is_ready) from error
            raise
        deliveries[-1].acknowledge(all_before=True)
        # whatever else this process has to do gets a turn, however much there is to read
        time.sleep(0)


class SubscriptionEntrypoint(QueueEntrypoint):
    """Takes what comes for one subscription by one lane into the service's database."""

    def __init__(self, subscription: Subscription, lane: Lane, **options: Any) -> None:
        super().__init__(**options)
        self.subscription = subscription
        self.lane = lane
        self._consumer: Consumer | None = None

    def queue_spec(self) -> QueueSpec:
        """Bound to the lane's exchange by type, everywhere."""
        binding = Binding(self.lane.exchange, self.subscription.binding_key)
        arguments = subscription_arguments(self.container.service_name)
        return QueueSpec(self.lane.queue(self.subscription.name), (binding,), arguments)

    def process(self, deliveries: list[Delivery]) -> None:
        """One transaction for the batch, or for each part of it that belongs to another replay."""
        if self._consumer is None:
            self._consumer = Consumer(self.resources.database, self.subscription, bulk=self.lane.bulk)
        REDELIVERIES.labels(self.subscription.name).inc(sum(delivery.redelivered for delivery in deliveries))
        for replay, some in groupby(deliveries, _replay):
            started = time.perf_counter()
            bodies = [delivery.body for delivery in some]
            self._consumer.take(bodies, replay=replay)
            BATCH.labels(self.subscription.name).observe(len(bodies))
            BATCH_SECONDS.labels(self.subscription.name).observe(time.perf_counter() - started)


class DeadEntrypoint(QueueEntrypoint):
    """Writes what the broker gave up into `failed_event`, where it is seen and tried again by the worker."""

    def queue_spec(self) -> QueueSpec:
        """The service's dead queue."""
        name = self.container.service_name
        return QueueSpec(dead_queue(name), (Binding(DEAD_EXCHANGE, name),), dead_arguments())

    def process(self, deliveries: list[Delivery]) -> None:
        """One failed event each, waiting for its first retry."""
        with UnitOfWork(self.resources.database, SYSTEM) as uow:
            for delivery in deliveries:
                incoming = Incoming.read(delivery.body)
                reason = incoming.error or f"given up by the broker: {_reason(delivery)}"
                subscription = _subscription(delivery)
                inbox = inbox_key(inbox_of(subscription), _replay(delivery))
                # one whose effect was committed, but whose acknowledgement never arrived, is no failure
                if incoming.envelope is None or take_in(uow, inbox, [incoming.envelope]):
                    record_failure(uow, subscription, incoming, reason, attempts=1)


def _replay(delivery: Delivery) -> str:
    return str(delivery.headers.get(REPLAY_HEADER, ""))


def _death(delivery: Delivery) -> dict[str, Any]:
    deaths = delivery.headers.get("x-death") or [{}]
    first: dict[str, Any] = deaths[0]
    return first


def _subscription(delivery: Delivery) -> str:
    return subscription_of(str(_death(delivery).get("queue") or delivery.routing_key))


def _reason(delivery: Delivery) -> str:
    death = _death(delivery)
    return orjson.dumps({"reason": death.get("reason"), "count": death.get("count")}).decode()
