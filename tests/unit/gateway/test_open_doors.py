"""No endpoint without a sign-in, but those that are listed here."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.routing import Rule

OPEN = {
    ("GET", "/"),
    ("GET", "/assets/<name>"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),  # for this machine; others need an operator's token
    ("GET", "/api/v1/docs"),
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/api/v1/asyncapi.json"),
    ("GET", "/api/v1/schemas/<name>.json"),
    ("GET", "/password"),
    ("GET", "/sign-in/oidc"),
    ("GET", "/sign-in/oidc/callback"),
    ("POST", "/api/v1/session"),
    ("POST", "/api/v1/session/phone"),
    ("POST", "/api/v1/session/phone/confirm"),
    ("POST", "/api/v1/password"),
    ("POST", "/api/v1/password/forgotten"),
}
EXAMPLES = {"uuid": "0197f0a2-5b7e-7c3d-9a41-3f2d8c1e6b90", "region": "21.71", "int": "7", "default": "x"}


def path_of(rule: Rule) -> str:
    path = ""
    for is_dynamic, part in rule._trace:
        converter = rule._converters.get(part) if is_dynamic else None
        kind = {"UUIDConverter": "uuid", "RegionCode": "region", "IntegerConverter": "int"}.get(
            type(converter).__name__
        )
        path += EXAMPLES[kind or "default"] if is_dynamic else part
    return path.lstrip("|")


def test_every_route_asks_for_a_token(app: Flask) -> None:
    client = app.test_client()
    walked = 0
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            if (method, rule.rule) in OPEN:
                continue
            answer = client.open(path_of(rule), method=method)
            assert answer.status_code == 401, f"{method} {rule.rule} answered {answer.status_code}"
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            walked += 1
    assert walked > 50


def test_the_list_of_open_doors_is_no_longer_than_it_needs_to_be(app: Flask) -> None:
    there = {(method, rule.rule) for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    assert there >= OPEN


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer abc", "Basic YTpi", "plut_x", "Bearer plut_" + "a" * 44]
)
def test_what_is_no_token_is_refused_without_asking_the_database(app: Flask, header: str) -> None:
    # the database of this application can't be reached: being asked would be a 503
    answer = app.test_client().get("/api/v1/me", headers={"Authorization": header})
    assert answer.status_code in (401, 503)
    if not header.startswith("Bearer plut_"):
        assert answer.status_code == 401


def test_metrics_are_for_this_machine_alone(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "203.0.113.7"}).status_code == 401
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 401


def test_the_documentation_brings_everything_itself(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert b"//" not in page.data
    for name in ("plut.css", "docs.js", "password.js", "swagger-ui.css", "swagger-ui-bundle.js"):
        with client.get(f"/assets/{name}") as asset:
            assert asset.status_code == 200
    for name in ("..%2fapp.py", "front.html", "LICENSE"):
        assert client.get(f"/assets/{name}").status_code == 404
