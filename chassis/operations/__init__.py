"""What every service answers without writing a line.

For its operators failed, parked and published events, and replays; for who answers for a unit what is on record; for owners
and who helps them what was done for an owner.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis.operations import failed, parked, published, record, replays, subscriptions
from chassis.rpc import Endpoint
from chassis.unit_of_work import UnitOfWork
from contracts.api.operations import METHODS

Action = Callable[[UnitOfWork, dict[str, Any]], dict[str, Any]]

_QUERIES: tuple[Action, ...] = (
    failed.list_failed_events,
    failed.get_failed_event,
    parked.list_parked_events,
    parked.get_parked_event,
    published.list_published_events,
    published.list_published_ids,
    subscriptions.find_missed_events,
    replays.plan_replay,
    replays.list_replays,
    replays.get_replay,
)
_COMMANDS: tuple[Action, ...] = (
    failed.retry_failed_events,
    failed.drop_failed_events,
    parked.release_parked_events,
    parked.drop_parked_events,
    replays.start_replay,
    replays.stop_replay,
    replays.resume_replay,
)


def endpoints() -> list[Endpoint]:
    """The RPC methods of operators, for the base class of services."""
    return [
        Endpoint("list_subscriptions", list_subscriptions, METHODS["list_subscriptions"][0], None, once=False),
        *(_endpoint(action, once=False) for action in _QUERIES),
        *(_endpoint(action, once=True) for action in _COMMANDS),
        _endpoint(record.list_audit, once=False),
        _endpoint(record.list_acts_on_behalf, once=False),
    ]


def list_subscriptions(service: Any, _: UnitOfWork, __: dict[str, Any]) -> dict[str, Any]:
    """The service's subscriptions with the queues that take replays, by name."""
    return subscriptions.subscriptions_of(service.name)


def _endpoint(action: Action, *, once: bool) -> Endpoint:
    def method(_: object, uow: UnitOfWork, loaded: dict[str, Any]) -> dict[str, Any]:
        return action(uow, loaded)

    method.__name__, method.__doc__ = action.__name__, action.__doc__
    return Endpoint(action.__name__, method, METHODS[action.__name__][0], None, once)
