"""What every service answers for its operators, without writing a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema

from chassis import failed_events
from chassis.rpc import Endpoint
from chassis.unit_of_work import UnitOfWork
from contracts.access import OPERATORS
from contracts.api import operations as api

Action = Callable[[UnitOfWork, Mapping[str, Any]], dict[str, Any]]


def endpoints() -> list[Endpoint]:
    """The RPC methods of operators, for the base class of services."""
    return [
        _endpoint("list_failed_events", failed_events.list_failed, api.ListFailedEvents, once=False),
        _endpoint("get_failed_event", failed_events.get_failed, api.GetFailedEvent, once=False),
        _endpoint("retry_failed_events", failed_events.retry_failed, api.MendFailedEvents, once=True),
        _endpoint("drop_failed_events", failed_events.drop_failed, api.MendFailedEvents, once=True),
    ]


def _endpoint(name: str, action: Action, request: type[Schema], *, once: bool) -> Endpoint:
    def method(_: object, uow: UnitOfWork, loaded: dict[str, Any]) -> dict[str, Any]:
        return action(uow, loaded)

    method.__name__, method.__doc__ = name, action.__doc__
    return Endpoint(name, method, request, OPERATORS, once)
