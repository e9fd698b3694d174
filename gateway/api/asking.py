"""From an HTTP request to a service and back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

import orjson
from flask import Response, g, request
from werkzeug.datastructures import Headers

from contracts.errors import DEADLINE_EXCEEDED, PlutError
from gateway.api.authentication import access_context
from gateway.edge import conditions, idempotency
from gateway.resources import resources

#: No answer takes longer than 15 s; what is left after the services' time is for the answer itself.
_BUDGET: Final = 14.0
_LEAST: Final = 0.05
_UNFINISHED: Final = frozenset({"waiting", "running", "reading", "committing", "undoing"})
_RETRY_AFTER: Final = "1"
_READING: Final = frozenset({"GET", "HEAD"})


def ask(service: str, method: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Call a service within what is left of the request's time. Raises PlutError."""
    held = resources()
    left = min(held.settings.rpc_timeout, _BUDGET - (time.perf_counter() - g.started))
    if left < _LEAST:
        raise PlutError(DEADLINE_EXCEEDED, "The time for this request is up.", "Waktu permintaan ini habis.")
    context = access_context()
    harmless = request.method in _READING or context.idempotency_key is not None
    reply = held.rpc.request(service, method, values, context, timeout=left, repeatable=harmless)
    g.replayed = reply.replayed
    value: dict[str, Any] = reply.result
    return value


def answer(
    body: Mapping[str, Any], *, status: int = 200, versioned: bool = False, location: str | None = None
) -> Response:
    """The JSON answer.

    `versioned` adds the ETag, and answers 304 to a reader who has this version; `location` is a template over the
    body's fields. Work that isn't finished says when to ask again.
    """
    headers = Headers()
    if g.get("replayed"):
        headers[idempotency.REPLAYED] = "true"
    if versioned:
        conditions.with_tag(headers, body.get("version"))
    if body.get("state") in _UNFINISHED:
        headers["Retry-After"] = _RETRY_AFTER
    if versioned and status == 200 and conditions.unchanged(body.get("version", 0)):  # noqa: PLR2004
        return Response(status=304, headers=headers)
    if location:
        headers["Location"] = location.format_map(body)
    return Response(orjson.dumps(body), status=status, headers=headers, content_type="application/json")
