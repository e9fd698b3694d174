"""Documents for programs: OpenAPI for the API, JSON Schema for the data of each event type. Public by nature."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec
import orjson
from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import NotFound

from contracts.events import EVENT_TYPES
from gateway.api.authentication import public
from gateway.edge.openapi import PREFIX

blueprint = Blueprint("documents", __name__, url_prefix=PREFIX)

_SCHEMA_TYPE: Final = "application/schema+json"
_KEPT: Final = "plut-openapi"


@blueprint.get("/openapi.json")
@public
def openapi() -> Response:
    """The OpenAPI 3.1 document."""
    document: bytes | None = current_app.extensions.get(_KEPT)
    if document is None:
        spec = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec
        document = current_app.extensions[_KEPT] = orjson.dumps(spec.to_dict())
    return _document(document, "application/json")


@blueprint.get("/schemas/<name>.json")
@public
def event_schema(name: str) -> Response:
    """The JSON Schema of an event type's data: what `dataschema` of its envelopes points to."""
    event_type: Any = EVENT_TYPES.get(name)
    if event_type is None:
        raise NotFound
    return _document(orjson.dumps(msgspec.json.schema(event_type)), _SCHEMA_TYPE)


def _document(body: bytes, media_type: str) -> Response:
    response = Response(body, content_type=media_type)
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    response.headers["Cache-Control"] = "public, no-cache"
    return response.make_conditional(request)  # type: ignore[return-value]
