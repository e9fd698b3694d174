"""Endpoints as data: a rule and a service's method, whose schemas stand in the service's contract.

    read("/enterprises/<uuid:id>", "get_enterprise", versioned=True)

is GET, calls `registry.get_enterprise` with `id` from the path, and answers with an ETag. What isn't in the path comes
from the query (GET) or the JSON body, and what the method's schema doesn't know is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Response
from marshmallow import Schema

from gateway.api.asking import answer, ask
from gateway.edge import conditions
from gateway.edge.blueprint import EdgeBlueprint, Operation

Methods = Mapping[str, tuple[type[Schema], type[Schema]]]
"""A service's contract: method → what it takes, what it answers."""

_PARAMETER: Final = re.compile(r"<(?:\w+:)?(\w+)>")
_VERSION: Final = "expected_version"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path.

    `unpublished` are fields of the request that HTTP doesn't offer here; `location` is a template over the reply;
    `variant` tells two endpoints of one method apart in the document.
    """

    verb: str
    rule: str
    method: str
    status: int = 200
    versioned: bool = False
    location: str | None = None
    unpublished: tuple[str, ...] = ()
    variant: str = ""

    def takes_version_by_header(self, fields: Mapping[str, Any]) -> bool:
        """Whether the expected version comes by If-Match instead of the body."""
        return self.verb in ("PATCH", "PUT") and _VERSION in fields

    def told(self, service: str, takes: type[Schema], answers: type[Schema], *, if_match: bool | None) -> Operation:
        """How the document tells it."""
        return Operation(
            verb=self.verb,
            rule=self.rule,
            id=f"{service}.{self.method}{self.variant}",
            takes=self._arguments(takes),
            answers=answers,
            status=self.status,
            versioned=self.versioned,
            if_match=if_match,
            located=self.location is not None,
        )

    def answer(self, body: Mapping[str, Any]) -> Response:
        """What the service has answered, over HTTP."""
        return answer(body, status=self.status, versioned=self.versioned, location=self.location)

    def _arguments(self, request: type[Schema]) -> Schema:
        """The request's schema without what comes by path and header."""
        fields = request().fields
        hidden = {*_PARAMETER.findall(self.rule), *self.unpublished}
        if self.takes_version_by_header(fields):
            hidden.add(_VERSION)
        return request(exclude=sorted(hidden & fields.keys()))


def read(rule: str, method: str, **more: Any) -> Endpoint:
    """GET."""
    return Endpoint("GET", rule, method, **more)


def act(rule: str, method: str, **more: Any) -> Endpoint:
    """POST, with an Idempotency-Key."""
    return Endpoint("POST", rule, method, **more)


def begin(rule: str, method: str, location: str) -> Endpoint:
    """POST for work that goes on after the answer: 202, and where to watch it."""
    return Endpoint("POST", rule, method, status=202, versioned=True, location=location)


def change(rule: str, method: str, **more: Any) -> Endpoint:
    """PATCH, with If-Match: the fields that are sent."""
    return Endpoint("PATCH", rule, method, versioned=True, **more)


def put(rule: str, method: str, **more: Any) -> Endpoint:
    """PUT: the whole; with If-Match where the thing has a version."""
    return Endpoint("PUT", rule, method, **more)


def register(blueprint: EdgeBlueprint, service: str, methods: Methods, endpoints: Iterable[Endpoint]) -> None:
    """Add each endpoint to the blueprint."""
    for endpoint in endpoints:
        request, reply = methods[endpoint.method]
        _register(blueprint, service, endpoint, request, reply)


def _register(
    blueprint: EdgeBlueprint, service: str, endpoint: Endpoint, request: type[Schema], reply: type[Schema]
) -> None:
    fields = request().fields
    if_match = fields[_VERSION].required if endpoint.takes_version_by_header(fields) else None
    view = _view(endpoint, service, if_match=if_match)
    view.__name__, view.__doc__ = endpoint.method, request.__doc__
    blueprint.operation(endpoint.told(service, request, reply, if_match=if_match))(view)


def _view(endpoint: Endpoint, service: str, *, if_match: bool | None) -> Callable[..., Response]:
    def view(asked: Mapping[str, Any], **path: Any) -> Response:
        values = {**asked, **path}
        if if_match or (if_match is not None and conditions.has_expected_version()):
            values[_VERSION] = conditions.expected_version()
        return endpoint.answer(ask(service, endpoint.method, values))

    return view
