"""The file of master and index keys, in the steps of a rotation: a key is added, used everywhere, then the old ones go."""

from __future__ import annotations

import base64
import json
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chassis.key_files import write_private


def new_key() -> str:
    """32 random bytes in base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def add(file: Path, kind: str) -> None:
    """Put a new key of `kind` (master or index) before the others."""
    content = _read(file)
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
    content[kind].insert(0, {"id": name, "key": new_key()} if kind == "master" else new_key())
    write_private(file, json.dumps(content))


def drop_old(file: Path, kind: str) -> int:
    """Take away all but the newest key of `kind`; returns how many that were."""
    content = _read(file)
    old = len(content[kind]) - 1
    del content[kind][1:]
    write_private(file, json.dumps(content))
    return old


def _read(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(file.read_text())
    return content
