"""What docs/security/incident.md says to type in the worst hours works as it stands."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.processes import ROOT
from tests.stack import Platform
from tests.system.people import person
from tests.system.test_readme import desk, shell

__all__ = ["desk"]

PAGE = (ROOT / "docs" / "security" / "incident.md").read_text()
#: What asks the API, and what only looks; keys are turned by tests of their own.
COMMANDS = re.findall(r"`(api [^`]+|\./plut (?:audit|logs)[^`]*)`", PAGE)
FENCES = re.findall(r"^ *```sh\n(.*?)^ *```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.slow
def test_every_request_of_the_page_works_as_it_stands(platform: Platform, desk: Path) -> None:
    assert len(COMMANDS) >= 7
    head = person(platform, "head", "21.71").account
    made = platform.request("POST", "/accounts/partners", json={"name": "Bank Uji", "scopes": ["21.71"]})
    assert made.status_code == 201, made.text
    bank = made.json()["id"]
    key = platform.request(
        "POST",
        f"/accounts/{bank}/keys",
        json={"name": "uji", "expires_at": f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%dT%H:%M:%SZ}"},
    )
    assert key.status_code == 201, key.text
    script = [
        f"API={platform.api} TOKEN={platform.operator['token']} KEY={key.json()['id']}",
        'api() { curl -sS --fail-with-body -H "Authorization: Bearer $TOKEN" "$@"; }',
    ]
    for command in [*COMMANDS, *FENCES]:
        who = bank if "/keys" in command else head["id"]
        version = "$(api $API/accounts/$ID | python3 -c 'import json, sys; print(json.load(sys.stdin)[\"version\"])')"
        script += [f"ID={who}", f"VERSION={version}", f"{command} > said || {{ cat said; false; }}"]
    shell(desk, platform, "\n".join(script))
    after = platform.request("GET", f"/accounts/{head['id']}").json()
    assert (after["disabled"], after["second_factor"]) == (True, False)
    assert [each["holds"] for each in platform.request("GET", f"/accounts/{bank}/keys").json()["items"]] == [False]
