"""RFC 9457 problem documents: the shape of every answer that isn't a success.

Three things end here: errors with a code (`PlutError`, from a service or from the gateway), refusals of the web
framework, and failures that nobody foresaw, which are logged with their trace and answered without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Flask, Response, g, request
from marshmallow import Schema, fields
from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestEntityTooLarge

from chassis.log import logger
from chassis.rpc import as_problem
from contracts.errors import INTERNAL, NOT_SIGNED_IN, PlutError
from gateway.edge import language
from gateway.edge.statuses import CODE_OF, REQUEST_TIMEOUT, RETRY_AFTER, TITLES, status_of
from gateway.edge.wording import translate

MEDIA_TYPE = "application/problem+json"
log = logger(__name__)


class ProblemSchema(Schema):
    """A refusal or a failure, told to a program (`code`, `errors`) and to a person (`title`, `detail`)."""

    type = fields.String(required=True, metadata={"description": "A name of the kind of problem, as a URN."})
    title = fields.String(required=True, metadata={"description": "What the status means, in the reader's language."})
    status = fields.Integer(required=True, metadata={"description": "The HTTP status."})
    detail = fields.String(required=True, metadata={"description": "What went wrong, in the reader's language."})
    code = fields.String(required=True, metadata={"description": "A stable code for programs."})
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "What was expected of each field that is wrong, by the field's path."},
    )
    params = fields.Dict(metadata={"description": "Values that a program may want, such as the limit that was hit."})
    correlation_id = fields.String(required=True, metadata={"description": "Give this to the operator."})


def answer(status: int, error: PlutError, headers: Mapping[str, str] | None = None) -> Response:
    """The problem document of an error, with the headers that its status asks for."""
    title_id, title_en = TITLES.get(status, TITLES[500])
    body: dict[str, Any] = {
        "type": f"urn:plut:problem:{error.code}",
        "title": language.choose(title_id, title_en),
        "status": status,
        "detail": language.choose(error.message_id, error.message_en),
        "code": error.code,
        "correlation_id": g.get("correlation_id", ""),
    }
    if error.fields:
        wanted = language.wanted()
        body["errors"] = {name: [translate(text, wanted) for text in texts] for name, texts in error.fields.items()}
    if error.params:
        body["params"] = error.params
    response = Response(orjson.dumps(body, default=str), status=status, content_type=MEDIA_TYPE)
    response.headers["Content-Language"] = language.wanted()
    response.headers["Vary"] = "Accept-Language"
    if status in RETRY_AFTER:
        response.headers["Retry-After"] = str(error.params.get("retry_after", RETRY_AFTER[status]))
    if error.code == NOT_SIGNED_IN:
        response.headers["WWW-Authenticate"] = 'Bearer realm="PLUT"'
    response.headers.update(headers or {})
    return response


def of_error(error: PlutError) -> Response:
    """Answer an error with a code."""
    conditional = request.method in ("PATCH", "PUT") and "If-Match" in request.headers
    return answer(status_of(error.code, conditional=conditional), error)


def of_refusal(refusal: HTTPException) -> Response:
    """Answer what the web framework refuses: no such route or method, a body too large, a header that can't be read."""
    if refusal.response is not None or refusal.code is None or refusal.code < 400:  # noqa: PLR2004 - a redirect
        return refusal.get_response()  # type: ignore[return-value]
    status = refusal.code if refusal.code in TITLES else 400 if refusal.code < 500 else 500  # noqa: PLR2004
    title_id, title_en = TITLES[status]
    if isinstance(refusal, RequestEntityTooLarge):
        most = _size(request.max_content_length or 0)
        title_id += f": paling banyak {most} dapat dikirim di sini, jadi kirimlah dalam beberapa bagian"
        title_en += f": at most {most} can be sent here, so send it in parts"
    error = PlutError(CODE_OF.get(status, INTERNAL), f"{title_en}.", f"{title_id}.")
    kept = {name: value for name, value in refusal.get_headers() if name in ("Allow", "Retry-After")}
    return answer(status, error, kept)


def _size(length: int) -> str:
    return f"{length >> 20} MiB" if length >= 1 << 20 else f"{length >> 10} KiB"


def of_failure(failure: Exception) -> Response:
    """Answer what nobody foresaw; its trace goes to the log and nowhere else. A database that is away is foreseen."""
    error = as_problem(failure)
    if error.code == INTERNAL:
        log.error("request failed", route=str(request.url_rule), error=type(failure).__name__, exc_info=failure)
        error = PlutError(INTERNAL, "The platform failed. Please try again.", "Platform gagal. Silakan coba lagi.")
    return of_error(error)


def of_slowness(_: ClientDisconnected) -> Response:
    """Answer a client whose body stopped arriving: the server's sockets have a time-out (`gunicorn_conf`)."""
    title_id, title_en = TITLES[408]
    return of_error(PlutError(REQUEST_TIMEOUT, f"{title_en}.", f"{title_id}."))


def register(app: Flask) -> None:
    """Make problems of everything that isn't an answer."""
    app.register_error_handler(PlutError, of_error)
    app.register_error_handler(HTTPException, of_refusal)
    app.register_error_handler(ClientDisconnected, of_slowness)
    app.register_error_handler(Exception, of_failure)
