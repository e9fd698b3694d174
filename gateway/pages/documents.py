"""Documents for programs: OpenAPI for the API, AsyncAPI and JSON Schemas for the events. Public by nature."""

from __future__ import annotations

import functools
import hashlib
from typing import Final

import orjson
from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import NotFound

from contracts import catalogue
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


@blueprint.get("/asyncapi.json")
@public
def asyncapi() -> Response:
    """The AsyncAPI 3 document: every event, and how to listen."""
    return _document(_asyncapi(), "application/json")


@blueprint.get("/schemas/<name>.json")
@public
def event_schema(name: str) -> Response:
    """The JSON Schema of an event type's data: what `dataschema` of its envelopes points to."""
    for event_type in catalogue.event_types():
        if event_type.type == name:
            return _document(orjson.dumps(catalogue.data_schema(event_type)), _SCHEMA_TYPE)
    raise NotFound


@functools.cache
def _asyncapi() -> bytes:
    return orjson.dumps(catalogue.asyncapi("v1"))


def _document(body: bytes, media_type: str) -> Response:
    response = Response(body, content_type=media_type)
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    response.headers["Cache-Control"] = "public, no-cache"
    return response.make_conditional(request)  # type: ignore[return-value]
