"""Audit rows in hash chains, written in the transaction of what they tell of.

A row carries a keyed hash (HMAC-SHA-256) of itself and of the hash before it, so that a row that was changed, taken out or put
in doesn't fit any more; and without the key, which no database has, nobody can make it fit. One chain would have all writers
of a database wait for each other's commit: there are several, and a transaction takes one that nobody has at the moment.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.settings import SettingsError
from chassis.tables import audit as table

_KEY: Final = 32
#: What a hash is made of, besides the one before it.
FIELDS: Final = (
    "id", "at", "account", "on_behalf_of", "action", "subject", "unit", "purpose", "correlation_id", "detail", "chain",
    "sequence",
)  # fmt: skip

# one that is free; where all are taken, the first that will be
_TAKE = text("SELECT chain, sequence, hash FROM plut.audit_chain ORDER BY chain LIMIT 1 FOR UPDATE SKIP LOCKED")
_WAIT_FOR = text("SELECT chain, sequence, hash FROM plut.audit_chain WHERE chain = :chain FOR UPDATE")
_MOVE_ON = text("UPDATE plut.audit_chain SET sequence = :sequence, hash = :hash WHERE chain = :chain")


class AuditKeys:
    """The keys that hashes are made with, newest first: the first one writes, the others still verify.

    `{"keys": [base64, …]}` in the file that PLUT_AUDIT_KEY_FILE names.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != _KEY for key in keys):
            raise SettingsError("PLUT_AUDIT_KEY_FILE must hold keys of 32 bytes each")
        self._keys = tuple(keys)

    @classmethod
    def from_file(cls, path: str) -> AuditKeys:
        """Read them; raises SettingsError, which never holds what the file says."""
        try:
            kept = orjson.loads(Path(path).read_bytes())
            return cls([base64.b64decode(key) for key in kept["keys"]])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError(f"PLUT_AUDIT_KEY_FILE can't be read: {type(error).__name__}") from None

    def seal(self, previous: bytes, row: Mapping[str, Any]) -> bytes:
        """The hash of a row that comes after the one whose hash is `previous`."""
        return _hash(self._keys[0], previous, row)

    def fits(self, previous: bytes, row: Mapping[str, Any], found: bytes) -> bool:
        """Whether `found` is the row's hash, by any of the keys."""
        return any(hmac.compare_digest(_hash(key, previous, row), found) for key in self._keys)

    def sign(self, text: bytes) -> str:
        """A keyed hash of something else, as hex."""
        return hmac.new(self._keys[0], text, "sha256").hexdigest()

    def signed(self, text: bytes, signature: str) -> bool:
        """Whether a signature is one of `sign`, by any of the keys."""
        return any(hmac.compare_digest(hmac.new(key, text, "sha256").hexdigest(), signature) for key in self._keys)


def write(session: Session, keys: AuditKeys, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows at the end of a chain; others can't take it until this transaction ends."""
    head = session.execute(_TAKE).one_or_none() or session.execute(_WAIT_FOR, {"chain": 0}).one()
    sequence, previous = head.sequence, bytes(head.hash)
    sealed = []
    for row in rows:
        sequence += 1
        # as it will be read again: a detail goes through JSON
        kept = dict(row) | {"chain": head.chain, "sequence": sequence, "detail": orjson.loads(_json(row["detail"]))}
        previous = keys.seal(previous, kept)
        sealed.append(kept | {"hash": previous})
    session.execute(table.insert(), sealed)
    session.execute(_MOVE_ON, {"chain": head.chain, "sequence": sequence, "hash": previous})


def _hash(key: bytes, previous: bytes, row: Mapping[str, Any]) -> bytes:
    return hmac.digest(key, previous + _json([_plain(row[name]) for name in FIELDS]), "sha256")


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
