"""One table says which role may do what: everything that can be asked for has a row, and no row is left over."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from typing import Any

import pytest
from flask import Flask

from contracts.access import ROLES
from contracts.api.operations import METHODS
from contracts.permissions import EVERYBODY, OWN, TABLE, who_may
from deploy.processes import ROOT, SERVICES

_METHODS_OF = (
    "import json, sys; from chassis.services import load; from chassis.runtime import Service;"
    "module = load(sys.argv[1], 'service');"
    "kind = next(each for each in vars(module).values() if isinstance(each, type) and issubclass(each, Service)"
    " and each is not Service);"
    "print(json.dumps(sorted(name for name in dir(kind) if hasattr(getattr(kind, name), 'endpoint'))))"
)


def methods_of(service: str) -> list[str]:
    """What a service answers, asked in a process of its own, which may load eventlet."""
    command = [sys.executable, "-c", _METHODS_OF, service]
    found = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    names: list[str] = json.loads(found)
    return names


@pytest.fixture(scope="module")
def answered() -> set[str]:
    """Rows of the table that services answer for."""
    return {f"{'*' if name in METHODS else service}.{name}" for service in SERVICES for name in methods_of(service)}


@pytest.fixture(scope="module")
def offered() -> dict[str, dict[str, Any]]:
    """Operations of the HTTP API by id."""
    document = json.loads((ROOT / "docs" / "reference" / "openapi.json").read_text())
    return {
        operation["operationId"]: operation
        for item in document["paths"].values()
        for verb, operation in item.items()
        if verb != "parameters"
    }


def row_of(operation: str) -> str:
    area, _, name = operation.partition(".")
    return f"{'*' if area == 'operations' else area}.{name.removesuffix('_by_post')}"


def test_whatever_can_be_asked_for_has_a_row_and_every_row_something(
    answered: set[str], offered: dict[str, dict[str, Any]]
) -> None:
    assert answered | {row_of(name) for name in offered} == set(TABLE)


def test_the_document_tells_the_roles(offered: dict[str, dict[str, Any]]) -> None:
    for name, operation in offered.items():
        who = who_may(row_of(name))
        assert operation.get("x-roles", []) == sorted(who.roles), name
        assert (operation.get("security") == []) is not who.signed_in, name


def test_a_name_without_a_row_is_refused() -> None:
    with pytest.raises(KeyError, match=r"contracts/permissions\.py"):
        who_may("registry.delete_everything")


def test_roles_are_roles_and_who_needs_none_is_said() -> None:
    assert all(who.roles <= set(ROLES) for who in TABLE.values())
    assert {who for who in TABLE.values() if not who.roles} == {OWN, EVERYBODY}
    assert importlib.import_module("contracts.permissions").OWN.allows([])


def test_an_endpoint_that_contradicts_the_table_does_not_start() -> None:
    from gateway.edge.blueprint import EdgeBlueprint, Operation  # noqa: PLC0415 - only here

    blueprint = EdgeBlueprint("x", url_prefix="/x", description="x")
    told = Operation(verb="GET", rule="/x", id="accounts.list", open_to_all=True)
    with pytest.raises(ValueError, match="says otherwise"):
        blueprint.operation(told)(lambda: Flask("x").response_class())
