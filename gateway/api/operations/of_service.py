"""Endpoints that every service answers alike: which one is asked stands in the query or the body, as `service`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from chassis.services import service_names
from contracts.api.operations import METHODS
from contracts.api.operations.selecting import ByIds
from gateway.api.asking import ask
from gateway.api.endpoints import Endpoint
from gateway.edge.blueprint import EdgeBlueprint
from gateway.edge.parsing import wrong_fields

#: Fields of a change by ids or conditions that say nothing about which events.
_NO_CONDITION = frozenset({"service", "dry_run", "reason"})


def _is_service(name: str) -> None:
    # looked up when it is asked, since nothing happens at import
    validate.OneOf(service_names())(name)


class _OfService(Schema):
    service = fields.String(
        required=True,
        validate=_is_service,
        metadata={
            "description": "The service: the one that heard it for failed events, that publishes it for all others.",
            "example": "notifications",
        },
    )


def register(blueprint: EdgeBlueprint, endpoints: Iterable[Endpoint]) -> None:
    """Add each endpoint to the blueprint."""
    for endpoint in endpoints:
        request, reply = METHODS[endpoint.method]
        takes = type(request.__name__, (_OfService, request), {"__doc__": request.__doc__})
        view = _view(endpoint, reply, selects=issubclass(request, ByIds))
        view.__name__, view.__doc__ = endpoint.method, request.__doc__
        blueprint.operation(endpoint.told("operations", takes, reply, if_match=None))(view)


def _view(endpoint: Endpoint, reply: type[Schema], *, selects: bool) -> Callable[..., Response]:
    names_service = "service" in reply().fields

    def view(asked: Mapping[str, Any], **path: Any) -> Response:
        values = {**asked, **path}
        if selects and not any(value for name, value in values.items() if name not in _NO_CONDITION):
            # an empty selection would be all of them: that is asked for by a condition
            raise wrong_fields({"ids": ["Sebutkan ids atau syarat lain. / Give ids or another condition."]})
        service = values.pop("service")
        return endpoint.answer(ask(service, endpoint.method, values) | ({"service": service} if names_service else {}))

    return view
