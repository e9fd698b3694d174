"""Every endpoint against the table of permissions, as every role; and nothing that is added to a request changes that."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from contracts.access import ROLES
from contracts.permissions import TABLE
from deploy.processes import ROOT
from tests.contract.test_permissions import row_of
from tests.service.gateway.conftest import Gateway

SCOPES = {"operator": "", "national": "", "province": "21"}
_UNKNOWN = str(uuid.UUID(int=7))


def operations() -> dict[str, tuple[str, str]]:
    """Operation → method and path, with something in the place of each parameter."""
    document = json.loads((ROOT / "docs" / "reference" / "openapi.json").read_text())
    found = {}
    for path, item in document["paths"].items():
        filled = re.sub(r"\{(code|row)\}", lambda match: {"code": "21.71", "row": "1"}[match[1]], path)
        filled = re.sub(r"\{\w+\}", _UNKNOWN, filled)
        for verb, operation in item.items():
            if verb == "parameters":
                continue
            found[operation["operationId"]] = (verb.upper(), filled)
    return found


OPERATIONS = operations()


@pytest.fixture
def tokens(running: Gateway) -> dict[str, str]:
    """A token of an account for each role, and of one that has none."""
    made = {role: running.make(role, SCOPES.get(role, "21.71"))["token"] for role in ROLES}
    return made | {"nobody": running.make("staff", "21.71", granted=False)["token"]}


def ask(gateway: Gateway, operation: str, token: str | None, **options: Any) -> TestResponse:
    verb, path = OPERATIONS[operation]
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {"Idempotency-Key": str(uuid.uuid4())} | options.pop("headers", {})
    return gateway.client.open(path, method=options.pop("method", verb), headers=headers, **options)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_endpoint_is_for_whom_the_table_says(gateway: Gateway, tokens: dict[str, str], operation: str) -> None:
    who = TABLE[row_of(operation)]
    assert (ask(gateway, operation, None).status_code == 401) is who.signed_in
    for role, token in tokens.items():
        if not who.signed_in:
            continue
        answer = ask(gateway, operation, token)
        refused = answer.status_code == 403 and (answer.json or {}).get("code") == "not-allowed"
        assert refused is not who.allows([role]), (role, answer.text)


HEADERS = (
    "plut-access", "X-Forwarded-User", "X-Role", "X-Roles", "X-Scope", "X-Unit", "X-Original-URL", "X-Rewrite-URL",
    "X-HTTP-Method-Override", "X-Method-Override", "Forwarded", "X-Forwarded-For", "Cookie", "From", "X-Account",
)  # fmt: skip
FIELDS = ("role", "roles", "scope", "unit", "grants", "account", "as", "on_behalf_of", "is_admin", "service", "_method")
VALUES = ("operator", "", "21.71", "true", "GET", "127.0.0.1", "/api/v1/me", '[{"role": "operator", "scope": ""}]')


def some(names: tuple[str, ...]) -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from(names), st.sampled_from(VALUES), max_size=4)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    operation=st.sampled_from(sorted(name for name in OPERATIONS if TABLE[row_of(name)].roles)),
    role=st.sampled_from([*ROLES, "nobody"]),
    added=st.fixed_dictionaries({"headers": some(HEADERS), "query_string": some(FIELDS), "json": some(FIELDS)}),
)
def test_no_header_field_or_parameter_makes_more_of_a_role(
    gateway: Gateway, tokens: dict[str, str], operation: str, role: str, added: dict[str, Any]
) -> None:
    if TABLE[row_of(operation)].allows([role]):
        return
    gateway.services.asked.clear()
    answer = ask(gateway, operation, tokens[role], **added)
    assert answer.status_code == 403, (operation, role, answer.text)
    assert gateway.services.asked == []
