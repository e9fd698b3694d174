"""What an operator sees."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from deploy.processes import PROCESSES, ROOT
from tests.stack import Platform, eventually
from tests.system.people import person


def status(platform: Platform) -> tuple[int, dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.cli", "status", "--json"], cwd=ROOT, capture_output=True, text=True, check=False,
        env=os.environ | {"PLUT_STATE": str(platform.stack.layout.state)},
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout)


def test_everything_is_ready_nothing_unsent_nothing_failed(platform: Platform) -> None:
    def clean() -> bool:
        code, told = status(platform)
        return code == 0 and told["outbox_unsent"] == 0

    eventually(clean, pause=1)
    _, told = status(platform)
    assert {each["name"] for each in told["processes"]} >= {process.name for process in PROCESSES}  # type: ignore[attr-defined]
    assert told["failed_events"] == 0


def test_a_number_of_wrong_requests_get_problems_that_say_what_to_do(platform: Platform) -> None:
    someone = person(platform, "staff", "21.71")
    wrong = someone.ask("POST", "/registry/enterprises", json={"unit": "21.71", "nama": "x"})
    assert wrong.status_code in (400, 422)
    assert wrong.headers["Content-Type"] == "application/problem+json"
    assert {"name", "nama"} <= set(wrong.json()["errors"])
    assert someone.ask("POST", "/registry/enterprises", json={}, headers={"Idempotency-Key": ""}).status_code == 400
    assert someone.ask("GET", "/registry/enterprises", params={"unknown": "1"}).status_code in (400, 422)
    assert someone.ask("GET", "/nowhere").status_code == 404
    assert platform.request("GET", "/me", token="plut_wrong").status_code == 401
