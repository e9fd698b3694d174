"""`@command` and `@query`: a service's methods as RPC entrypoints, in nameko's protocol."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import eventlet
from marshmallow import Schema
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint

from chassis.broker.topology import DEADLINE_HEADER, RPC_EXCHANGE
from chassis.log import logger
from chassis.rpc import Endpoint
from chassis.runtime.methods import Call, Methods
from chassis.runtime.resources import Resources
from chassis.runtime.rpc_port import RpcPort
from chassis.runtime.rpc_queue import RpcQueue

log = logger(__name__)
F = TypeVar("F", bound=Callable[..., Any])


class RpcEntrypoint(Entrypoint):
    """One method of the service's class."""

    methods = Methods()
    queue = RpcQueue()
    port = RpcPort()
    resources = Resources()

    def __init__(self, endpoint: Endpoint, **options: Any) -> None:
        super().__init__(**options)
        self.endpoint = endpoint

    def setup(self) -> None:
        """Be found by its name."""
        self.methods.register_provider(self)

    def stop(self) -> None:
        """Take nothing more; the container then waits for the workers."""
        self.queue.stop_reading()
        self.port.stop_accepting()

    def spawn(self, call: Call) -> None:
        """Answer a request in a worker of the container."""

        def acknowledge(_: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
            call.acknowledge()
            return result, exc_info

        try:
            self.container.spawn_worker(self, (self.resources, call), {}, context_data={}, handle_result=acknowledge)
        except ContainerBeingKilled:
            # a message that isn't acknowledged goes to another replica
            eventlet.sleep(0)


def _is_late(headers: Mapping[str, Any]) -> bool:
    """Whether nobody waits any more. A deadline that is no number (milliseconds since 1970) is none."""
    try:
        deadline = int(headers[DEADLINE_HEADER])
    except (KeyError, TypeError, ValueError):
        return False
    return time.time() * 1000 > deadline


def entrypoint(
    request: type[Schema], roles: Iterable[str] | None, *, once: bool, reads: bool = False
) -> Callable[[F], F]:
    """A method as an RPC entrypoint; `@command` and `@query` are what services use."""

    def decorate(method: F) -> F:
        allowed = None if roles is None else frozenset(roles)
        endpoint = Endpoint(method.__name__, method, request, allowed, once, reads)

        def answer(service: object, resources: Resources, call: Call) -> None:
            if _is_late(call.headers):
                log.info("request came too late", method=method.__name__)
                return
            reply = endpoint.answer(service, resources.database, resources.verifier, call.body, call.headers)
            call.reply(reply, exchange=RPC_EXCHANGE)

        answer.__name__, answer.__doc__ = method.__name__, method.__doc__
        answer.endpoint = endpoint  # type: ignore[attr-defined]
        decorated: F = RpcEntrypoint.decorator(endpoint)(answer)
        return decorated

    return decorate


def command(request: type[Schema], *, roles: Iterable[str] | None = None, keep_reply: bool = True) -> Callable[[F], F]:
    """A method that changes something: `(self, uow, request) -> JSON values`, committed when it returns.

    `request` is the schema that the request is loaded with. Who may call it stands in contracts/permissions.py; services
    that have no place there (those of tests) say it by `roles`. With an Idempotency-Key it runs once, unless its reply must
    not be kept for that (`keep_reply=False`: it holds personal data in clear).
    """
    return entrypoint(request, roles, once=keep_reply)


def query(request: type[Schema], *, roles: Iterable[str] | None = None) -> Callable[[F], F]:
    """A method that only reads, and notes who looked where that is asked for: `(self, uow, request) -> JSON values`."""
    return entrypoint(request, roles, once=False, reads=True)
