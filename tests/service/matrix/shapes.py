"""Requests made from the OpenAPI document: a body that its schema takes, with ids put where ids are asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from deploy.processes import ROOT

SERVICES = ("registry", "notifications")
#: Parameters without which an operation tells nothing.
REQUIRED = {
    "subscription": "notifications.enterprise-registered", "since": "2026-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z",
}  # fmt: skip
AREAS = tuple(f"/api/v1/{area}" for area in ("registry", "notifications", "audit", "operations"))
DOCUMENT: dict[str, Any] = json.loads((ROOT / "docs" / "reference" / "openapi.json").read_text())


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    id: str
    verb: str
    path: str
    body: dict[str, Any] | None
    parameters: frozenset[str]
    roles: frozenset[str]

    def allows(self, role: str) -> bool:
        """Whether the role may ask for it at all."""
        return not self.roles or role in self.roles

    @property
    def takes_id(self) -> bool:
        """Whether something that belongs to a unit is named in its path."""
        return "{" in self.path

    def filled(self, thing: str, unit: str) -> str:
        """The path with an id, or a unit's code, in the place of each parameter."""
        coded = self.path.replace("{code}", unit).replace("{row}", "1")
        return re.sub(r"\{\w+\}", thing, coded)

    @property
    def about_many(self) -> bool:
        """Whether the body may name several things of any kind."""
        return self.id.startswith("operations.")

    @property
    def versioned(self) -> bool:
        """Whether the caller says which version it has seen: a right guess must not help."""
        return self.verb in ("PATCH", "PUT") or "expected_version" in json.dumps(self.body and resolved(self.body))

    def queries(self, marks: Iterable[str], units: Iterable[str]) -> Iterator[str]:
        """Queries that ask for all of it, for a unit's, and for a word of a unit's, as far as the operation takes them."""
        wanted = {name: REQUIRED[name] for name in REQUIRED if name in self.parameters}
        for service in SERVICES if "service" in self.parameters else [""]:
            base = wanted | ({"service": service} if service else {})
            yield f"?{urlencode(base)}"
            for name, values in (("unit", units), ("q", marks)):
                yield from (f"?{urlencode(base | {name: value})}" for value in values if name in self.parameters)
            if "body" in self.parameters:
                yield f"?{urlencode(base | {'body': 'true'})}"

    def json(self, thing: str, unit: str) -> Any:
        """A body about that thing of that unit; None where there is none."""
        return None if self.body is None else sample(self.body, thing, unit)


def operations() -> Iterator[Operation]:
    """Every operation of services: those of accounts and sign-ins are the gateway's own."""
    for path, item in DOCUMENT["paths"].items():
        for verb, told in item.items():
            if verb == "parameters" or not path.startswith(AREAS):
                continue
            content = told.get("requestBody", {}).get("content", {})
            body = content.get("application/json", {}).get("schema")
            given = frozenset(
                each["name"] for each in map(resolved, told.get("parameters", [])) if each["in"] == "query"
            )
            yield Operation(told["operationId"], verb.upper(), path, body, given, frozenset(told.get("x-roles", [])))


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """What a reference leads to."""
    if "$ref" not in schema:
        return schema
    found: Any = DOCUMENT
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return resolved(found)


def sample(schema: dict[str, Any], thing: str, unit: str, name: str = "") -> Any:  # noqa: PLR0911 - a table
    """A value that a schema takes."""
    schema = resolved(schema)
    for choice in ("anyOf", "allOf", "oneOf"):
        if choice in schema:
            return sample(schema[choice][0], thing, unit, name)
    if schema.get("format") == "uuid":
        return thing
    if name in ("unit", "to_unit", "within"):
        return unit
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object" or "properties" in schema:
        inner = schema.get("properties", {})
        return {key: sample(inner[key], thing, unit, key) for key in inner if not inner[key].get("readOnly")}
    if schema.get("type") == "array":
        return [sample(schema["items"], thing, unit, name)]
    if "example" in schema:
        return schema["example"]
    return {"integer": 1, "number": 1.0, "boolean": True, "null": None}.get(str(schema.get("type")), "abc")
