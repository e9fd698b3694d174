"""The base class of services, and how a service becomes a running container."""

from __future__ import annotations

import signal
from collections.abc import Callable
from itertools import product
from typing import Any

import eventlet
from nameko.containers import ServiceContainer

from chassis import log, operations
from chassis.broker.topology import LANES
from chassis.collector import keep_for_good
from chassis.health import Health
from chassis.runtime.endpoints import RpcEntrypoint, entrypoint
from chassis.runtime.events import DeadEntrypoint, SubscriptionEntrypoint
from chassis.runtime.hub import watch_hub
from chassis.runtime.resources import SETTINGS, Resources
from chassis.services import load
from chassis.settings import Settings
from chassis.subscriptions import Subscription, subscriptions_in

logger = log.logger(__name__)


class Service:
    """Base of `services/<name>/service.py`: subclasses set `name` and have `@command` and `@query` methods.

    Every service also answers for its jobs and its failed events (`chassis.operations`).
    """

    name: str

    def __init_subclass__(cls) -> None:
        """Add what every service answers."""
        super().__init_subclass__()
        for endpoint in operations.endpoints():
            if not hasattr(cls, endpoint.name):
                method = entrypoint(endpoint.request, endpoint.roles, once=endpoint.once)(endpoint.method)
                setattr(cls, endpoint.name, method)
        for member in vars(cls).values():
            if hasattr(member, "endpoint"):
                # a method that nobody may call is a mistake that shows at once
                member.endpoint.roles_of(cls.name)


def with_subscriptions(service: type[Service], subscriptions: list[Subscription]) -> type[Service]:
    """The service's class with an entrypoint per subscription and lane, and one for its dead queue."""
    members: dict[str, Any] = {}
    for (index, subscription), lane in product(enumerate(subscriptions), LANES):
        entrypoint_of = SubscriptionEntrypoint.decorator(subscription, lane)
        members[f"on_{lane.name}_{index}_{subscription.handler.__name__}"] = entrypoint_of(_unused())
    if subscriptions:
        members["on_dead_letter"] = DeadEntrypoint.decorator()(_unused())
    return type(service.__name__, (service,), members)


def _unused() -> Callable[[Any], None]:
    # nameko binds an entrypoint to a method; ours take batches without it
    def method(_: Any) -> None:
        """Never called."""

    return method


def container_for(settings: Settings, name: str, only: str | None = None) -> ServiceContainer:
    """The container of a service: everything, or half of it (`only` is "rpc" or "events")."""
    module = load(name, "service")
    if module is None:
        raise SystemExit(f"there is no services/{name}/service.py")
    service: type[Service] = next(
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Service) and value is not Service
    )
    subscriptions = subscriptions_in(load(name, "handlers")) if only != "rpc" else []
    whole = with_subscriptions(service, subscriptions)
    container = ServiceContainer(whole, {SETTINGS: settings, "max_workers": settings.workers})
    if only == "events":
        container.entrypoints = type(container.entrypoints)(
            each for each in container.entrypoints if not isinstance(each, RpcEntrypoint)
        )
    return container


def run(name: str, only: str | None = None) -> None:
    """Run a service until SIGTERM or SIGINT; ends with status 1 when its container died."""
    settings = Settings.from_environment()
    log.configure(name, settings.log_level)
    container = container_for(settings, name, only)
    health = Health(settings, {"database": _database(container), "queues": lambda: _reading(container)})
    health.start()
    container.start()
    keep_for_good()
    eventlet.spawn_n(watch_hub)
    logger.info("service started", service=name)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: eventlet.spawn_n(container.stop))
    try:
        container.wait()
    finally:
        health.stop()
    logger.info("service stopped", service=name)


def _database(container: ServiceContainer) -> Callable[[], bool]:
    def check() -> bool:
        resources = next(each for each in container.subextensions if isinstance(each, Resources))
        return bool(resources.database.is_ready())

    return check


def _reading(container: ServiceContainer) -> bool:
    queues = [entry.queue if isinstance(entry, RpcEntrypoint) else entry for entry in container.entrypoints]
    return bool(queues) and all(queue.is_connected for queue in queues)
