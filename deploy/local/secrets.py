"""What the stack keeps to itself: generated once per state folder, readable by its owner only."""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from chassis.access_keys import write_keys
from chassis.key_files import write_private
from deploy.data_keys import new_key
from deploy.local.layout import Layout
from deploy.processes import ACCESS_JWKS, ACCESS_KEY, ACCOUNT_KEY, AUDIT_KEY, DATA_KEY


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
        AUDIT_KEY: layout.keys / "audit-key.json",
        ACCOUNT_KEY: layout.keys / "account-key.json",
    }
    if not files[ACCESS_JWKS].exists():
        write_keys(files[ACCESS_KEY], files[ACCESS_JWKS])
    if not files[DATA_KEY].exists():
        keys = {"master": [{"id": "1", "key": new_key()}], "index": [new_key()]}
        write_private(files[DATA_KEY], json.dumps(keys))
    if not files[ACCOUNT_KEY].exists():
        write_private(files[ACCOUNT_KEY], json.dumps({use: new_key() for use in ("encryption", "hashing")}))
    if not files[AUDIT_KEY].exists():
        write_private(files[AUDIT_KEY], json.dumps({"keys": [new_key()]}))
    return files
