"""Bad input gets an answer: requests made out of the OpenAPI document, half of them wrong, against the real registry."""

from __future__ import annotations

import json
import random
import uuid
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.service.gateway.together import Together

REQUESTS = 150
#: Notifications doesn't run here, and signing in is slowed down.
ELSEWHERE = ("/api/v1/notifications", "/api/v1/session", "/api/v1/me", "/api/v1/password", "/api/v1/operations")
JUNK: tuple[Any, ...] = (
    None, True, -1, 0, 1.5, 2**60, "", "x" * 400, "' OR 1=1 --", "\u202e", "%", "\\", ".", "\x01\x7f", [], {}, ["a"],
    {"a": 1}, "2026-02-30", "0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", str(uuid.UUID(int=0)),
)  # fmt: skip


class Maker:
    """Makes values for schemas: mostly right, sometimes not."""

    def __init__(self, together: Together, seed: int) -> None:
        self.together = together
        self.chance = random.Random(seed)  # noqa: S311 - nothing secret

    def value(self, schema: Any) -> Any:  # noqa: PLR0911 - a line per kind
        schema = self.together.resolve(schema)
        if "anyOf" in schema:
            return self.value(self.chance.choice(schema["anyOf"]))
        if self.chance.random() < 0.12:
            return self.chance.choice(JUNK)
        if "enum" in schema:
            return self.chance.choice(schema["enum"])
        kind = schema.get("type")
        match self.chance.choice(kind) if isinstance(kind, list) else kind:
            case "object":
                fields = schema.get("properties", {}).items()
                wanted = schema.get("required", [])
                return {name: self.value(each) for name, each in fields if name in wanted or self.chance.random() < 0.5}
            case "array":
                return [self.value(schema.get("items", {})) for _ in range(self.chance.randint(0, 2))]
            case "integer":
                return self.chance.choice([schema.get("minimum", 0), schema.get("maximum", 100), 1, 3, 2026])
            case "number":
                return self.chance.choice([schema.get("minimum", 0), 1.5])
            case "boolean":
                return self.chance.random() < 0.5
            case "null":
                return None
        text = "".join(self.chance.choice("ab 'é%_\\\"1-.") for _ in range(self.chance.randint(0, 12)))
        return self.chance.choice([schema.get("example", "abc"), schema.get("example", "abc"), text])

    def request(
        self, verb: str, template: str, operation: dict[str, Any], shared: list[Any]
    ) -> tuple[str, dict[str, Any]]:
        path, query = template, []
        for parameter in map(self.together.resolve, shared + operation.get("parameters", [])):
            made = self.value(parameter["schema"])
            if parameter["in"] == "path":
                path = path.replace("{" + parameter["name"] + "}", quote(str(made), safe="") or "-")
            elif parameter["in"] == "query" and self.chance.random() < 0.4:
                query.append((parameter["name"], str(made)))
        options: dict[str, Any] = {"headers": {"If-Match": f'"{self.chance.randint(1, 4)}"'} if verb != "post" else {}}
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            body = json.dumps(self.value(content["application/json"]["schema"]))
            options |= {"data": body, "content_type": "application/json"}
        elif content:
            options |= {"data": {"unit": str(self.chance.choice(JUNK))}, "content_type": "multipart/form-data"}
        return path.removeprefix("/api/v1") + (f"?{urlencode(query)}" if query else ""), options


@pytest.mark.parametrize("seed", range(4))
def test_every_answer_is_one_that_the_document_tells_of(together: Together, seed: int) -> None:
    maker = Maker(together, seed)
    operations = [
        (verb, path, operation, item.get("parameters", []))
        for path, item in together.document["paths"].items()
        for verb, operation in item.items()
        if verb != "parameters" and not path.startswith(ELSEWHERE)
    ]
    for _ in range(REQUESTS):
        verb, template, operation, shared = maker.chance.choice(operations)
        path, options = maker.request(verb, template, operation, shared)
        together.request(verb.upper(), path, operation=operation, **options)
