from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from chassis.access_keys import write_keys
from gateway.app import create_app
from gateway.identity.account_key import write_key
from gateway.settings import GatewaySettings


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The gateway without anything behind it: for what is decided before database and services are asked."""
    folder: Path = tmp_path_factory.mktemp("gateway")
    write_keys(folder / "key", folder / "jwks")
    write_key(folder / "account-key")
    settings = GatewaySettings(
        access_key_file=str(folder / "key"),
        account_key_file=str(folder / "account-key"),
        files_url=(folder / "files").as_uri(),
        database_url_template="postgresql://nobody@127.0.0.1:1/{service}",
        amqp_url="amqp://127.0.0.1:1/",
    )
    return create_app(settings)
