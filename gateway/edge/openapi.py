"""The OpenAPI 3.1 document: what is the same for every operation."""

from __future__ import annotations

from typing import Any, Final

from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from flask_smorest import Api
from werkzeug.routing import BaseConverter

from gateway.edge import idempotency
from gateway.edge.blueprint import ALWAYS
from gateway.edge.problems import MEDIA_TYPE, ProblemSchema
from gateway.edge.statuses import RETRY_AFTER, TITLES

PREFIX: Final = "/api/v1"

_DESCRIPTION: Final = """
The platform of Indonesia's PLUT offices: who there is (registry), who was told what (notifications), and who may do
what (accounts).

**Signing in.** `POST /api/v1/session` gives a bearer token: `Authorization: Bearer plut_…`. What you see and may change
depends on your roles and on the units that they are for. Accounts with a second factor send its `code`, too; roles that
administer accounts must set one up first (`must_enrol`): `POST /api/v1/me/second-factor`.

**Browsers** sign in with `cookie: true`: the token is kept in a cookie that scripts can't read, and everything that isn't a GET
carries `X-CSRF-Token`, which the sign-in and `GET /api/v1/me` give.

**Owners** sign in by their phone and find what is theirs under `/api/v1/registry/my`. Who acts for an owner (assisted mode,
`POST /api/v1/assistance`) asks the same with `Plut-On-Behalf-Of: <id of the assistance>`, and nothing else with that header.

**Partner systems** have keys instead: `Authorization: Bearer plutk_…`, which end after at most 400 days. Several hold at once.

**Repeating.** Every POST but the sign-in carries an `Idempotency-Key`: a new one for a new act, the same one when the
answer didn't arrive. A repeated request has one effect, and gets the first one's answer.

**Changing.** What has a `version` has an `ETag`. Send it back in `If-Match` when you change the thing; if somebody was
faster, the answer is 412 and nothing has happened.

**Errors** are RFC 9457 problem documents, in Indonesian or, with `Accept-Language: en`, in English. `code` is for
programs, `errors` names the fields, `correlation_id` is what the operator will ask for.

**Limits.** Requests are counted by the minute: an account's, a unit's, and without a sign-in an address's. `RateLimit` and
`RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers) say where you stand; beyond it the answer is 429, with `Retry-After`.

**Long work** is answered with 202 and a job; read it until it has ended, no oftener than `Retry-After` says.
"""


class RegionCode(BaseConverter):
    """A region code in a path: `21`, `21.71`, `21.71.03`, `21.71.03.1001`."""

    regex = r"\d{2}(?:\.\d{2}(?:\.\d{2}(?:\.\d{4})?)?)?"


class DocumentedApi(Api):
    """flask-smorest's API whose problems are ours."""

    ERROR_SCHEMA = ProblemSchema
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """`gateway.edge.problems` handles all errors."""

    def _register_responses(self) -> None:
        """A response per status, as a problem document."""
        shape = {MEDIA_TYPE: {"schema": ProblemSchema}}
        headers: dict[str, Any] = dict(ALWAYS)
        components = self.spec.components
        components.response("PROBLEM", {"description": "Any other failure.", "content": shape, "headers": headers})
        components.response("NOT_MODIFIED", {"description": "You have this version.", "headers": headers}, lazy=True)
        for status, (_, title) in TITLES.items():
            told = headers | ({"Retry-After": "RETRY_AFTER"} if status in RETRY_AFTER else {})
            components.response(
                f"PROBLEM_{status}", {"description": f"{title}.", "content": shape, "headers": told}, lazy=True
            )


class NamedSchemas(MarshmallowPlugin):
    """Component names that stay the same: the class, and what a variant of it leaves out."""

    def __init__(self) -> None:
        super().__init__(schema_name_resolver=_name_of)


def make_api(app: Flask) -> DocumentedApi:
    """The API of an application, without blueprints yet."""
    app.url_map.converters["region"] = RegionCode
    app.config |= _CONFIG
    api = DocumentedApi(app, spec_kwargs={"marshmallow_plugin": NamedSchemas()})
    api.register_converter(RegionCode, lambda _: {"type": "string", "pattern": f"^{RegionCode.regex}$"})
    components = api.spec.components
    components.security_scheme(
        "cookie",
        {
            "type": "apiKey", "in": "cookie", "name": "__Host-plut",
            "description": "A browser's sign-in (`cookie: true`); everything that isn't a GET needs `X-CSRF-Token`, too.",
        },
    )  # fmt: skip
    components.security_scheme(
        "bearer",
        {"type": "http", "scheme": "bearer", "description": "The token that the sign-in gave, or a partner's key."},
    )
    for name, parameter in _PARAMETERS.items():
        components.parameter(name, "header", parameter, lazy=True)
    for name, header in _HEADERS.items():
        components.header(name, header, lazy=True)
    return api


_CONFIG: Final[dict[str, Any]] = {
    "API_TITLE": "PLUT",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "API_SPEC_OPTIONS": {
        "info": {
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {"cookie": []}],
    },
}

_PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "IDEMPOTENCY_KEY": {
        "name": idempotency.HEADER,
        "required": True,
        "description": "8 to 128 visible characters, such as a UUID: new for a new act, the same when repeating it.",
        "schema": {"type": "string", "minLength": 8, "maxLength": 128, "pattern": "^[!-~]+$"},
        "example": "0197f0a2-5b7e-7c3d-9a41-3f2d8c1e6b90",
    },
    "ON_BEHALF_OF": {
        "name": "Plut-On-Behalf-Of",
        "description": "For who acts for an owner: the id of the assistance, which must hold.",
        "schema": {"type": "string", "format": "uuid"},
        "example": "0197f0a2-5b7e-7c3d-9a41-3f2d8c1e6b90",
    },
    "IF_MATCH": {
        "name": "If-Match",
        "required": True,
        "description": "The ETag of the version that you have seen and want to change.",
        "schema": {"type": "string", "pattern": '^"[1-9][0-9]*"$'},
        "example": '"3"',
    },
    "IF_MATCH_OPTIONAL": {
        "name": "If-Match",
        "description": "The ETag of the version that you have seen; without it the present one is changed.",
        "schema": {"type": "string", "pattern": '^"[1-9][0-9]*"$'},
        "example": '"3"',
    },
    "IF_NONE_MATCH": {
        "name": "If-None-Match",
        "description": "The ETag that you have; the answer is 304 while it is the present one.",
        "schema": {"type": "string"},
        "example": '"3"',
    },
}  # fmt: skip

_HEADERS: Final[dict[str, dict[str, Any]]] = {
    "CORRELATION_ID": {
        "description": "Ties together everything that the request caused. Taken from the request, or made.",
        "schema": {"type": "string"},
    },
    "RATE_LIMIT": {
        "description": "By policy, how many requests are left (`r`) for how many seconds (`t`).",
        "schema": {"type": "string"},
        "example": '"account";r=583;t=41, "unit";r=5702;t=41',
    },
    "RATE_LIMIT_POLICY": {
        "description": "What is counted for this request, and its limit (`q`) in a window of seconds (`w`).",
        "schema": {"type": "string"},
        "example": '"account";q=600;w=60, "unit";q=6000;w=60',
    },
    "LOCATION": {"description": "Where the new thing is.", "schema": {"type": "string", "format": "uri-reference"}},
    "RETRY_AFTER": {"description": "Seconds to wait before asking again.", "schema": {"type": "integer"}},
    "CONTENT_DISPOSITION": {"description": "The file's name.", "schema": {"type": "string"}},
    "IDEMPOTENCY_REPLAYED": {
        "description": "`true` where this is the answer to an earlier request with the same key.",
        "schema": {"type": "string", "enum": ["true"]},
    },
}


def _name_of(schema: Any) -> str:
    """`RegisterEnterprise`, or `SearchEnterprisesWithoutNik` for a variant; given a class or an instance."""
    kind = schema if isinstance(schema, type) else type(schema)
    name = kind.__name__.removesuffix("Schema")
    left_out = () if isinstance(schema, type) else sorted(schema.exclude)
    return name + ("Without" + "And".join(field.title().replace("_", "") for field in left_out) if left_out else "")
