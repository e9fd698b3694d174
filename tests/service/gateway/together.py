"""The gateway, the broker and the real registry, with every answer checked against the OpenAPI document."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from deploy.local.stack import LocalStack
from deploy.processes import ROOT
from gateway.app import create_app, make_resources
from gateway.identity.bootstrap import bootstrap
from gateway.settings import GatewaySettings
from tests.stack import Corner, eventually

ENDED = {"preview", "completed", "succeeded", "failed", "undone", "stopped"}


@dataclass
class Together:
    """The gateway in this process, the registry and its worker in theirs."""

    app: Flask
    token: str
    document: dict[str, Any]
    logs: Path

    def request(self, method: str, path: str, **options: Any) -> TestResponse:
        """Call the API and check the answer against the document."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}
        headers |= {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
        headers |= options.pop("headers", {})
        operation = options.pop("operation", None) or self.operation(method, path)
        answer = self.app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **options)
        self.check(f"{method} {path} {options.get('data') or options.get('json')!r}", operation, answer)
        return answer

    def operation(self, method: str, path: str) -> dict[str, Any]:
        """What the document tells of a method of a path."""
        found: dict[str, Any] = next(
            item[method.lower()]
            for template, item in self.document["paths"].items()
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), f"/api/v1{path.partition('?')[0]}")
            and method.lower() in item
        )
        return found

    def check(self, asked: str, operation: dict[str, Any], answer: TestResponse) -> None:
        """The answer is no failure, and one that the document tells of, field by field."""
        where = f"{asked} answered {answer.status_code}"
        assert answer.status_code < 500, f"{where}: {answer.text}"
        told = self.resolve(operation["responses"].get(str(answer.status_code)))
        assert told is not None, f"{where}, which the document doesn't tell"
        if not answer.data or not answer.mimetype.endswith("json"):
            return
        schema = told["content"][answer.mimetype]["schema"]
        whole = {**schema, "components": self.document["components"]}
        jsonschema.validate(answer.json, whole, cls=jsonschema.Draft202012Validator)
        assert self.untold(schema, answer.json) == set(), f"{where} with fields that the document doesn't tell"

    def resolve(self, thing: Any) -> Any:
        while isinstance(thing, dict) and "$ref" in thing:
            found: Any = self.document
            for part in thing["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            thing = found
        return thing

    def untold(self, schema: Any, value: Any, path: str = "") -> set[str]:
        """Fields of `value` that `schema` doesn't know."""
        schema = self.resolve(schema)
        for choice in ("anyOf", "allOf", "oneOf"):
            if choice in schema:
                return min((self.untold(each, value, path) for each in schema[choice]), key=len)
        if isinstance(value, list):
            return set().union(*(self.untold(schema.get("items", {}), each, f"{path}[]") for each in value))
        if not isinstance(value, dict) or "properties" not in schema:
            return set()
        missing = {f"{path}.{name}" for name in value if name not in schema["properties"]}
        known = [name for name in value if name in schema["properties"]]
        return missing.union(
            *(self.untold(schema["properties"][name], value[name], f"{path}.{name}") for name in known)
        )

    def watch(self, path: str) -> dict[str, Any]:
        """What a job or import is when it has ended."""

        def ended() -> dict[str, Any] | None:
            found = self.request("GET", path).json or {}
            return found if found["state"] in ENDED else None

        found = eventually(ended, 90, 0.2)
        assert found is not None
        return found


@pytest.fixture(scope="session")
def together(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Together]:
    corner = Corner(stack, "gateway", "registry")
    corner.make()
    logs: Path = tmp_path_factory.mktemp("registry")
    with ExitStack() as started:
        started.callback(corner.remove)
        for module, name in (("chassis.runtime", "registry"), ("chassis.worker", "registry")):
            log = started.enter_context((logs / module).open("wb"))
            popen = started.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", module, name], cwd=ROOT, env=os.environ | corner.environment, stderr=log
                )
            )
            started.callback(popen.send_signal, signal.SIGTERM)
        settings = replace(GatewaySettings.from_environment(corner.environment), gateway_threads=4)
        held = make_resources(settings)
        started.callback(held.database.close)
        started.callback(held.courier.close)
        started.callback(held.rpc.close)  # type: ignore[attr-defined]
        app = create_app(settings, held)
        token = bootstrap(held.database, held.key, {}, demo=False)["token"]
        document = json.loads(app.test_client().get("/api/v1/openapi.json").data)

        def registry_answers() -> bool:
            return app.test_client().get("/readyz").get_json()["services"]["registry"] is True

        eventually(registry_answers, 40, 0.3)
        yield Together(app, token, document, logs)
