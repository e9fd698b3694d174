"""One id that ties together everything that a request causes: taken from the caller, or given here."""

from __future__ import annotations

import re
import time
from typing import Final

import structlog
from flask import Flask, Response, g, request
from uuid_utils import uuid7

from chassis.log import logger
from contracts import identity_numbers

HEADER: Final = "X-Correlation-Id"
_GIVEN: Final = re.compile(r"[A-Za-z0-9._:-]{8,64}")
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-(?P<trace>[0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
log = logger(__name__)


def correlation_id_of(given: str | None, traceparent: str | None) -> str:
    """The caller's own id if it is harmless, else the trace's, else a new one."""
    if given and _GIVEN.fullmatch(given) and not identity_numbers.in_text(given):
        return given
    if traceparent and (match := _TRACEPARENT.fullmatch(traceparent)):
        return match["trace"]
    return str(uuid7())


def register(app: Flask) -> None:
    """Give every request its id, put it into the answer and the logs, and log one line per request.

    The line has the route's template, never the path or the query, which may hold what a person typed.
    """

    @app.before_request
    def begin() -> None:
        g.started = time.perf_counter()
        g.correlation_id = correlation_id_of(request.headers.get(HEADER), request.headers.get("traceparent"))
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(correlation_id=g.correlation_id)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers[HEADER] = g.get("correlation_id", "")
        log.info(
            "request",
            method=request.method,
            route=request.url_rule.rule if request.url_rule else None,
            status=response.status_code,
            seconds=round(time.perf_counter() - g.get("started", time.perf_counter()), 4),
        )
        return response

    @app.teardown_request
    def forget(_: BaseException | None) -> None:
        # the thread goes on with other things
        structlog.contextvars.clear_contextvars()
