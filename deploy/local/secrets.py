"""What the stack keeps to itself: generated once per state folder, readable by its owner only."""

from __future__ import annotations

import base64
import hmac
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from chassis.access import write_keys
from deploy.local.layout import Layout
from deploy.processes import ACCESS_JWKS, ACCESS_KEY, ACCOUNT_KEY, DATA_KEY


@dataclass(frozen=True, slots=True)
class Passwords:
    """Passwords of the broker, of the database (its superuser; the owner of the tables) and of the process manager."""

    broker: str
    database_admin: str
    database: str
    supervisor: str

    def of_role(self, role: str) -> str:
        """The password of a role of the database, or a user of the broker: it follows from the superuser's."""
        return hmac.new(self.database_admin.encode(), role.encode(), "sha256").hexdigest()


def passwords(layout: Layout) -> Passwords:
    """Those of this state folder, made at the first call."""
    if not layout.passwords.exists():
        made = Passwords(*(secrets.token_urlsafe(24) for _ in range(4)))
        write_private(layout.passwords, json.dumps(asdict(made)))
    return Passwords(**json.loads(layout.passwords.read_text()))


def key_files(layout: Layout) -> dict[str, Path]:
    """Environment variable → key file; made at the first call."""
    files = {
        ACCESS_KEY: layout.keys / "access-key.json",
        ACCESS_JWKS: layout.keys / "access-jwks.json",
        DATA_KEY: layout.keys / "data-key.json",
        ACCOUNT_KEY: layout.keys / "account-key.json",
    }
    if not files[ACCESS_JWKS].exists():
        write_keys(files[ACCESS_KEY], files[ACCESS_JWKS])
    for name, uses in ((DATA_KEY, ("encryption", "index")), (ACCOUNT_KEY, ("encryption", "hashing"))):
        if not files[name].exists():
            key = {use: base64.b64encode(secrets.token_bytes(32)).decode() for use in uses}
            write_private(files[name], json.dumps(key))
    return files


def write_private(file: Path, text: str) -> None:
    """Write a file that never was readable by others, and never half there."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)
