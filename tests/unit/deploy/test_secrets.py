from __future__ import annotations

import base64
import json
from pathlib import Path

from deploy.local import secrets
from deploy.local.layout import Layout
from deploy.processes import ACCESS_KEY, ACCOUNT_KEY, DATA_KEY, PROCESSES


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_secrets_are_made_once_and_closed_to_others(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "state")
    layout.make()
    first = secrets.passwords(layout)
    files = secrets.key_files(layout)
    content = {name: file.read_text() for name, file in files.items()}
    assert secrets.passwords(layout) == first
    assert {name: file.read_text() for name, file in secrets.key_files(layout).items()} == content
    assert mode(layout.state) == 0o700
    assert (
        mode(layout.passwords) == mode(files[ACCESS_KEY]) == mode(files[DATA_KEY]) == mode(files[ACCOUNT_KEY]) == 0o600
    )


def test_the_data_key_is_two_times_32_bytes(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "state")
    layout.make()
    key = json.loads(secrets.key_files(layout)[DATA_KEY].read_text())
    sizes = [len(base64.b64decode(each)) for each in (*(master["key"] for master in key["master"]), *key["index"])]
    assert sizes == [32, 32]


def test_the_key_of_accounts_is_for_the_gateway_alone() -> None:
    assert [process.name for process in PROCESSES if ACCOUNT_KEY in process.keys] == ["gateway"]
