"""Requests from the service's queue."""

from __future__ import annotations

from typing import Any

from nameko.extensions import SharedExtension

from chassis.broker.deliveries import Delivery
from chassis.broker.reader import Binding, QueueSpec, Reader
from chassis.broker.topology import RPC_EXCHANGE
from chassis.runtime.methods import Methods
from chassis.runtime.resources import Resources


class RpcQueue(SharedExtension):
    """The service's request queue: one reader, whose requests run in the container's workers."""

    methods = Methods()
    resources = Resources()

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._reader: Reader | None = None
        self._thread: Any = None

    def start(self) -> None:
        """Read the queue in a thread of the container."""
        name = self.container.service_name
        workers = self.container.max_workers
        queue = QueueSpec(f"rpc-{name}", (Binding(RPC_EXCHANGE, f"{name}.*"),))
        self._reader = Reader(self.resources.settings.amqp_url, queue, prefetch=workers, batch=workers)
        self._thread = self.container.spawn_managed_thread(lambda: self._reader.run(self._take), "rpc queue")

    def stop_reading(self) -> None:
        """Take no more requests; those under way are finished by the container."""
        if self._reader is not None:
            self._reader.pause()

    def stop(self) -> None:
        """End the reader. Replies go out on its connection, so the container calls this after the workers' end."""
        if self._reader is not None:
            self._reader.stop()
            self._thread.wait()

    @property
    def is_connected(self) -> bool:
        """Whether requests are being read."""
        return self._reader is not None and self._reader.connected

    def _take(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            self.methods.begin(delivery, delivery.routing_key.rpartition(".")[2])
