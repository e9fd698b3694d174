"""The OpenAPI document: valid, complete, and telling of everything that happens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from marshmallow import RAISE
from openapi_spec_validator import OpenAPIV31SpecValidator

from chassis.access_keys import write_keys
from contracts import catalogue
from contracts.api import notifications, registry
from contracts.events import schema_url
from gateway.app import create_app
from gateway.identity.account_key import write_key
from gateway.settings import GatewaySettings

#: Who uses these hasn't signed in, so nothing can be kept under a key of theirs.
OPEN = {
    ("post", f"/api/v1/{path}")
    for path in ("session", "session/phone", "session/phone/confirm", "password", "password/forgotten")
}
CONTRACTS = {"registry": registry.METHODS, "notifications": notifications.METHODS}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder: Path = tmp_path_factory.mktemp("gateway")
    write_keys(folder / "key", folder / "jwks")
    write_key(folder / "account-key")
    settings = GatewaySettings(
        access_key_file=str(folder / "key"),
        account_key_file=str(folder / "account-key"),
        files_url=(folder / "files").as_uri(),
    )
    return create_app(settings)


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    answer = app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json
    return found


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any], list[Any]]]:
    """`(verb, path, operation, all its parameters resolved)`."""
    found = []
    for path, item in document["paths"].items():
        shared = item.get("parameters", [])
        for verb, operation in item.items():
            if verb != "parameters":
                parameters = [resolve(document, each) for each in shared + operation.get("parameters", [])]
                found.append((verb, path, operation, parameters))
    return found


def resolve(document: dict[str, Any], thing: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in thing:
        found: Any = document
        for part in thing["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        thing = found
    return thing


def test_it_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_it_tells_of_every_route_of_the_api(app: Flask, document: dict[str, Any]) -> None:
    told = {(path, verb) for path, item in document["paths"].items() for verb in item if verb != "parameters"}
    public_documents = {"/api/v1/docs", "/api/v1/openapi.json", "/api/v1/asyncapi.json", "/api/v1/schemas/{name}.json"}
    there = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1")
    }
    assert {each for each in there if each[0] not in public_documents} == told


@pytest.mark.parametrize("service", CONTRACTS)
def test_every_method_of_a_service_can_be_reached(
    service: str, operations: list[tuple[str, str, dict[str, Any], list[Any]]]
) -> None:
    told = {operation["operationId"] for _, _, operation, _ in operations}
    assert {f"{service}.{method}" for method in CONTRACTS[service]} <= told


def test_operations_have_a_name_of_their_own_and_words(
    operations: list[tuple[str, str, dict[str, Any], list[Any]]],
) -> None:
    names = [operation["operationId"] for _, _, operation, _ in operations]
    assert len(set(names)) == len(names)
    for verb, path, operation, _ in operations:
        assert operation.get("summary"), f"{verb} {path} says nothing"
        assert operation["tags"], f"{verb} {path} is in no chapter"


def test_headers_are_told(
    document: dict[str, Any], operations: list[tuple[str, str, dict[str, Any], list[Any]]]
) -> None:
    for verb, path, operation, parameters in operations:
        where = f"{verb} {path}"
        required = {each["name"] for each in parameters if each["in"] == "header" and each.get("required")}
        assert ("Idempotency-Key" in required) is (verb == "post" and (verb, path) not in OPEN), where
        assert ("If-Match" in required) is (verb == "patch"), where
        responses = {status: resolve(document, each) for status, each in operation["responses"].items()}
        if "If-Match" in required:
            assert {"412", "428"} <= responses.keys(), where
        for status in ("201", "202"):
            if status in responses and (verb, path) not in OPEN:
                assert "Idempotency-Replayed" in responses[status]["headers"] or verb == "put", where
        for status in ("503", "504", "429"):
            if status in responses:
                assert "Retry-After" in responses[status]["headers"], where


def test_every_problem_is_a_problem_document(
    document: dict[str, Any], operations: list[tuple[str, str, dict[str, Any], list[Any]]]
) -> None:
    for verb, path, operation, _ in operations:
        for status, response in operation["responses"].items():
            if status == "default" or int(status) >= 400:
                content = resolve(document, response)["content"]
                assert list(content) == ["application/problem+json"], f"{verb} {path} {status}"


def test_only_what_is_listed_is_open(operations: list[tuple[str, str, dict[str, Any], list[Any]]]) -> None:
    assert {(verb, path) for verb, path, operation, _ in operations if operation.get("security") == []} == OPEN


def test_everything_that_is_sent_has_words_and_refuses_what_it_does_not_know(
    document: dict[str, Any], operations: list[tuple[str, str, dict[str, Any], list[Any]]]
) -> None:
    for verb, path, operation, parameters in operations:
        for parameter in parameters:
            assert parameter["in"] == "path" or parameter.get("description"), f"{verb} {path} {parameter['name']}"
        for media in operation.get("requestBody", {}).get("content", {}).values():
            schema = resolve(document, media["schema"])
            assert schema.get("additionalProperties") is False, f"{verb} {path}"
            for name, field in schema["properties"].items():
                assert (
                    resolve(document, field).get("description") or field.get("description") or "$ref" in str(field)
                ), f"{verb} {path} {name}"


def test_a_nik_never_stands_in_an_address(operations: list[tuple[str, str, dict[str, Any], list[Any]]]) -> None:
    for verb, path, _, parameters in operations:
        assert "nik" not in {each["name"] for each in parameters if each["in"] in ("query", "path")}, f"{verb} {path}"


def test_the_catalogue_of_events_is_served_where_envelopes_point_to(app: Flask) -> None:
    client = app.test_client()
    for event_type in catalogue.event_types():
        served = client.get(schema_url(event_type))
        assert served.json == catalogue.data_schema(event_type)
    listed = client.get("/api/v1/asyncapi.json")
    assert (listed.json or {})["asyncapi"].startswith("3.")
    again = client.get("/api/v1/asyncapi.json", headers={"If-None-Match": listed.headers["ETag"]})
    assert again.status_code == 304
    assert client.get("/api/v1/schemas/id.plut.registry.nothing.v1.json").status_code == 404


def test_requests_of_services_are_strict() -> None:
    for methods in CONTRACTS.values():
        assert all(request().unknown == RAISE for request, _ in methods.values())


def test_every_answer_tells_of_limits(
    document: dict[str, Any], operations: list[tuple[str, str, dict[str, Any], list[Any]]]
) -> None:
    for verb, path, operation, _ in operations:
        assert "429" in operation["responses"], f"{verb} {path}"
        for status, told in operation["responses"].items():
            headers = resolve(document, told).get("headers", {})
            assert {"RateLimit", "RateLimit-Policy"} <= headers.keys(), f"{verb} {path} {status}"
