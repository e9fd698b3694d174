"""flask-smorest's blueprint with our parser, and one decorator that says all about an operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from flask import Response
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema

from contracts.access import OWNERS
from contracts.permissions import who_may
from gateway.edge.parsing import StrictParser

View = Callable[..., Response]
Shape = type[Schema] | Schema

BINARY: Final = {"type": "string", "format": "binary"}
"""The schema of a file."""

ALWAYS: Final = {
    "X-Correlation-Id": "CORRELATION_ID",
    "RateLimit": "RATE_LIMIT",
    "RateLimit-Policy": "RATE_LIMIT_POLICY",
}
"""Headers of every answer, and the components that describe them."""


class Nothing(Schema):
    """No parameters at all."""

    class Meta:
        """An unknown one is refused."""

        unknown = RAISE


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path, as the OpenAPI document tells it.

    `takes` is the schema of the query (GET), of the JSON body or, with `multipart`, of a form with a file, which the
    view is given loaded. `answers` is None for 204. `versioned` answers carry an ETag; `if_match` is whether If-Match
    is required, None where it plays no part; `located` answers carry a Location; an `unkeyed` POST needs no
    Idempotency-Key; who hasn't signed in may use what is `open_to_all`, and who has yet to set up a second
    factor what is open `while_enrolling`; `files` are the media types that a download may have.
    """

    verb: str
    rule: str
    id: str
    takes: Shape | None = None
    multipart: bool = False
    answers: Shape | None = None
    status: int = 200
    versioned: bool = False
    if_match: bool | None = None
    located: bool = False
    unkeyed: bool = False
    open_to_all: bool = False
    files: tuple[str, ...] = ()
    while_enrolling: bool = False

    @property
    def permission(self) -> str:
        """The row of the table of permissions: what several endpoints lead to has one name there."""
        area, _, name = self.id.partition(".")
        return f"{'*' if area == 'operations' else area}.{name.removesuffix('_by_post')}"

    @property
    def for_owners(self) -> bool:
        """Whether it is for owners alone: then somebody may also ask on an owner's behalf."""
        return who_may(self.permission).roles == OWNERS

    @property
    def keyed(self) -> bool:
        """Whether an Idempotency-Key is asked for."""
        return self.verb == "POST" and not self.unkeyed

    def parameters(self) -> list[str]:
        """Names of the header parameters."""
        if_match = {True: "IF_MATCH", False: "IF_MATCH_OPTIONAL"}.get(self.if_match)  # type: ignore[arg-type]
        if_none_match = "IF_NONE_MATCH" if self.versioned and self.verb == "GET" else None
        on_behalf = "ON_BEHALF_OF" if self.for_owners else None
        return [name for name in (self.keyed and "IDEMPOTENCY_KEY", if_match, if_none_match, on_behalf) if name]

    def headers(self) -> dict[str, Any]:
        """Headers of a success."""
        headers: dict[str, Any] = dict(ALWAYS)
        told = {
            "ETag": self.versioned and "ETAG",
            "Location": self.located and "LOCATION",
            "Retry-After": self.status == 202 and "RETRY_AFTER",  # noqa: PLR2004
            "Idempotency-Replayed": self.keyed and "IDEMPOTENCY_REPLAYED",
            "Content-Disposition": self.files and "CONTENT_DISPOSITION",
        }
        return headers | {name: component for name, component in told.items() if component}

    def problems(self) -> list[int]:
        """Statuses of the refusals and failures that can happen."""
        writes, signed_in = self.verb != "GET", not self.open_to_all
        when = {
            400: writes,
            401: True,
            403: signed_in,
            404: True,
            409: writes,
            412: self.if_match is not None,
            413: writes,
            415: writes,
            422: True,
            428: bool(self.if_match),
            429: True,
            503: True,
            504: True,
        }
        return [status for status, happens in when.items() if happens]


class EdgeBlueprint(Blueprint):
    """Blueprint of the API."""

    ARGUMENTS_PARSER = StrictParser()
    DEFAULT_LOCATION_CONTENT_TYPE_MAPPING: Final[Mapping[str, str]] = {
        **Blueprint.DEFAULT_LOCATION_CONTENT_TYPE_MAPPING,
        "multipart": "multipart/form-data",
    }

    def __init__(self, name: str, *, url_prefix: str, description: str) -> None:
        super().__init__(name, __name__, url_prefix=url_prefix, description=description)
        self._prepare_doc_cbks.append(_document)

    def operation(self, told: Operation) -> Callable[[View], View]:
        """Register a view: it gets what `takes` has loaded, and the path's parameters by name."""

        def decorate(view: View) -> View:
            wrapped = self._with_response(told, view)
            if told.takes is not None:
                wrapped = self._with_arguments(told, told.takes, wrapped)
            if told.verb != "GET" or told.takes is None:
                wrapped = _dropping_first(self.arguments(Nothing, location="query"), wrapped)
            wrapped._apidoc = deepcopy(wrapped._apidoc) | {"operation": told}  # noqa: SLF001 - where it is kept
            who = who_may(told.permission)
            if who.signed_in == told.open_to_all:
                raise ValueError(f"{told.id}: the table of permissions says otherwise about who may use it")
            wrapped.who_may = who
            wrapped.for_owners = told.for_owners
            if told.open_to_all:
                wrapped.public = True
            if told.while_enrolling:
                wrapped.while_enrolling = True
            if told.multipart:
                wrapped.receives_file = True
            self.route(told.rule, methods=[told.verb], endpoint=told.id.replace(".", "-"))(wrapped)
            return view

        return decorate

    def _with_response(self, told: Operation, view: View) -> Any:
        if told.files:
            return self.response(told.status, BINARY, content_type=told.files[0])(view)
        return self.response(told.status, told.answers)(view)

    def _with_arguments(self, told: Operation, takes: Shape, view: View) -> Any:
        if told.verb == "GET":
            return self.arguments(takes, location="query")(view)
        fields = (takes() if isinstance(takes, type) else takes).fields
        needed = any(field.required for field in fields.values())
        return self.arguments(takes, location="multipart" if told.multipart else "json", required=needed)(view)


def _dropping_first(check: Callable[[View], Any], view: Any) -> Any:
    """Check something of a request that the view needn't be given."""

    @wraps(view)
    def without_first(_: Any, *rest: Any, **path: Any) -> Response:
        answer: Response = view(*rest, **path)
        return answer

    return check(without_first)


def _document(doc: dict[str, Any], info: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add what `Operation` tells to an operation's entry in the document."""
    told: Operation = info["operation"]
    doc["operationId"] = told.id
    doc.setdefault("parameters", []).extend(told.parameters())
    doc["responses"][told.status].setdefault("headers", {}).update(told.headers())
    for media_type in told.files:
        doc["responses"][told.status]["content"][media_type] = {"schema": BINARY}
    if told.versioned and told.verb == "GET":
        doc["responses"][304] = "NOT_MODIFIED"
    if told.open_to_all:
        doc["security"] = []
    if roles := who_may(told.permission).roles:
        doc["x-roles"] = sorted(roles)
    for status in told.problems():
        doc["responses"][status] = f"PROBLEM_{status}"
    doc["responses"]["default"] = "PROBLEM"
    return doc
