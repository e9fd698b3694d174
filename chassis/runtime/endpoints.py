"""`@command` and `@query`: a service's methods as RPC entrypoints, in nameko's protocol."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import eventlet
import orjson
from marshmallow import Schema
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint, ProviderCollector, SharedExtension

from chassis.broker.reader import Binding, Delivery, QueueSpec, Reader
from chassis.broker.topology import DEADLINE_HEADER, RPC_EXCHANGE
from chassis.log import logger
from chassis.rpc import Endpoint
from chassis.runtime.resources import Resources
from contracts.errors import NOT_FOUND, PlutError

log = logger(__name__)
F = TypeVar("F", bound=Callable[..., Any])


class RpcQueue(SharedExtension, ProviderCollector):
    """The service's request queue: one reader, whose requests run in the container's workers."""

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
        endpoints = {provider.method_name: provider for provider in self._providers}
        for delivery in deliveries:
            deadline = delivery.headers.get(DEADLINE_HEADER)
            if isinstance(deadline, int) and time.time() * 1000 > deadline:
                log.info("request came too late", routing_key=delivery.routing_key)
                delivery.acknowledge()
                continue
            entrypoint = endpoints.get(delivery.routing_key.rpartition(".")[2])
            if entrypoint is None:
                self._refuse(delivery)
                continue
            entrypoint.spawn(delivery)

    @staticmethod
    def _refuse(delivery: Delivery) -> None:
        problem = PlutError(NOT_FOUND, f"There is no method {delivery.routing_key}.")
        delivery.reply(orjson.dumps({"result": None, "error": problem.to_wire()}), exchange=RPC_EXCHANGE)
        delivery.acknowledge()


class RpcEntrypoint(Entrypoint):
    """One method of the service's class."""

    queue = RpcQueue()
    resources = Resources()

    def __init__(self, endpoint: Endpoint, **options: Any) -> None:
        super().__init__(**options)
        self.endpoint = endpoint

    def setup(self) -> None:
        """Be found by the queue."""
        self.queue.register_provider(self)

    def stop(self) -> None:
        """Stop the queue's reader; the container then waits for the workers."""
        self.queue.stop_reading()

    def spawn(self, delivery: Delivery) -> None:
        """Answer a request in a worker of the container."""

        def acknowledge(_: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
            delivery.acknowledge()
            return result, exc_info

        try:
            self.container.spawn_worker(
                self, (self.resources, delivery), {}, context_data={}, handle_result=acknowledge
            )
        except ContainerBeingKilled:
            # not acknowledged: another replica gets it
            eventlet.sleep(0)


def entrypoint(request: type[Schema], roles: Iterable[str], *, once: bool) -> Callable[[F], F]:
    """A method as an RPC entrypoint; `@command` and `@query` are what services use."""
    allowed = frozenset(roles)

    def decorate(method: F) -> F:
        endpoint = Endpoint(method.__name__, method, request, allowed, once)

        def answer(service: object, resources: Resources, delivery: Delivery) -> None:
            reply = endpoint.answer(service, resources.database, resources.verifier, delivery.body, delivery.headers)
            delivery.reply(reply, exchange=RPC_EXCHANGE)

        answer.__name__, answer.__doc__ = method.__name__, method.__doc__
        answer.endpoint = endpoint  # type: ignore[attr-defined]
        decorated: F = RpcEntrypoint.decorator(endpoint)(answer)
        return decorated

    return decorate


def command(request: type[Schema], *, roles: Iterable[str], keep_reply: bool = True) -> Callable[[F], F]:
    """A method that changes something: `(self, uow, request) -> JSON values`, committed when it returns.

    `request` is the schema that the request is loaded with, `roles` are those who may call it. With an Idempotency-Key
    it runs once, unless its reply must not be kept for that (`keep_reply=False`: it holds personal data in clear).
    """
    return entrypoint(request, roles, once=keep_reply)


def query(request: type[Schema], *, roles: Iterable[str]) -> Callable[[F], F]:
    """A method that only reads: `(self, uow, request) -> JSON values`."""
    return entrypoint(request, roles, once=False)
