"""Requests made from the OpenAPI document: a body that its schema takes, with ids put where ids are asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from deploy.processes import ROOT

DOCUMENT: dict[str, Any] = json.loads((ROOT / "docs" / "reference" / "openapi.json").read_text())


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    id: str
    verb: str
    path: str
    body: dict[str, Any] | None

    @property
    def takes_id(self) -> bool:
        """Whether something that belongs to a unit is named in its path."""
        return "{" in self.path

    def filled(self, thing: str, unit: str) -> str:
        """The path with an id, or a unit's code, in the place of each parameter."""
        coded = self.path.replace("{code}", unit).replace("{row}", "1")
        return re.sub(r"\{\w+\}", thing, coded)

    def json(self, thing: str, unit: str) -> Any:
        """A body about that thing of that unit; None where there is none."""
        return None if self.body is None else sample(self.body, thing, unit)


def operations() -> Iterator[Operation]:
    """Every operation of services: those of accounts and sign-ins are the gateway's own."""
    for path, item in DOCUMENT["paths"].items():
        for verb, told in item.items():
            if verb == "parameters" or not path.startswith(
                ("/api/v1/registry", "/api/v1/notifications", "/api/v1/audit")
            ):
                continue
            content = told.get("requestBody", {}).get("content", {})
            body = content.get("application/json", {}).get("schema")
            yield Operation(told["operationId"], verb.upper(), path, body)


def sample(schema: dict[str, Any], thing: str, unit: str, name: str = "") -> Any:  # noqa: C901, PLR0911 - a table
    """A value that a schema takes."""
    if "$ref" in schema:
        found: Any = DOCUMENT
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return sample(found, thing, unit, name)
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
