"""R15: whatever the HTTP API is asked, by whomever, it answers as its document says: never a failure of ours.

schemathesis makes requests from the OpenAPI document, right ones and wrong ones, and holds the answers against it. This is
the last file of its folder: nobody knows what the platform has been told afterwards. `./plut fuzz` runs it as long as asked.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from contracts.access import ROLES
from tests.stack import Platform
from tests.system.people import token_of
from tests.system.schemathesis_hooks import TOKENS

FOLDER = Path(__file__).parent
SECONDS = "PLUT_FUZZ_SECONDS"
LONG = float(os.environ.get(SECONDS) or 0)
#: Of each caller, in the short form that is part of every run of the tests.
SHORT = 4
SCOPES = {"province": "21", "national": "", "partner": "", "operator": ""}
ALL = sorted(ROLES)
#: Who asks; several take turns. There is time for each role by itself in the long form only.
CALLERS: dict[str, list[str]] = {
    "nobody": [],
    **({role: [role] for role in ALL} if LONG else {"operator": ["operator"], "one of the others": ALL}),
}


@pytest.fixture(scope="module")
def tokens(platform: Platform) -> dict[str, list[str]]:
    """Of new accounts, made before anything is asked: the first caller's guesses at signing in close the door for a while.

    Whoever is asked to end sign-ins ends nobody else's.
    """
    return {
        caller: [token_of(platform, role, SCOPES.get(role, "21.71")) for role in roles]
        for caller, roles in CALLERS.items()
    }


@pytest.mark.slow
@pytest.mark.parametrize("caller", CALLERS)
def test_it_is_answered_as_the_document_says(
    platform: Platform, tmp_path: Path, tokens: dict[str, list[str]], caller: str
) -> None:
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(FOLDER / "schemathesis.toml"),
        "run", f"{platform.api}/openapi.json", "--no-color", "--continue-on-failure", "--request-timeout", "20",
        "--max-time", str(max(1, round(LONG / len(CALLERS) if LONG else SHORT))), "--workers", "2",
        "--phases", "examples,coverage,fuzzing" if LONG else "fuzzing",
        # without a limit the first operations would have all of a short time
        *([] if LONG else ["--max-examples", "1"]),
    ]  # fmt: skip
    mine = tokens[caller]
    command += ["--header", f"Authorization: Bearer {mine[0]}"] if mine else []
    environment = os.environ | {"PYTHONPATH": str(FOLDER), TOKENS: json.dumps(mine)}
    asked = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    told = "\n".join(line[:300] for line in asked.stdout.splitlines())
    assert "Test cases:" in told, told + asked.stderr
    assert asked.returncode == 0, told
