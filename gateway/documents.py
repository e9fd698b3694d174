"""What is generated from the gateway: `python -m gateway.documents openapi | settings`, to standard output."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import fields
from pathlib import Path
from typing import Any

from chassis import log
from chassis.access_keys import write_keys
from chassis.settings import Settings, variable_of
from gateway.app import create_app
from gateway.identity.account_key import write_key
from gateway.settings import GatewaySettings


def openapi() -> dict[str, Any]:
    """The OpenAPI document, from an application that is connected to nothing."""
    with tempfile.TemporaryDirectory() as folder:
        key = Path(folder, "key")
        write_keys(key, Path(folder, "jwks"))
        account_key = Path(folder, "account-key")
        write_key(account_key)
        settings = GatewaySettings(
            access_key_file=str(key), account_key_file=str(account_key), files_url=Path(folder).as_uri()
        )
        app = create_app(settings)
        document: dict[str, Any] = app.test_client().get("/api/v1/openapi.json").get_json()
    return document


def settings() -> list[list[str]]:
    """The gateway's own settings, as rows of variable, default and meaning."""
    common = {spec.name for spec in fields(Settings)}
    own = [spec for spec in fields(GatewaySettings) if spec.name not in common]
    return [[variable_of(spec.name), str(spec.default), spec.metadata["help"]] for spec in own]


if __name__ == "__main__":
    log.configure("documents", "warning")
    produce = {"openapi": openapi, "settings": settings}[sys.argv[1]]
    json.dump(produce(), sys.stdout, indent=2, ensure_ascii=False, sort_keys=False)
