"""The keys that what is on record is sealed with."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from chassis.settings import SettingsError

_KEY: Final = 32
#: What a hash is made of, besides the one before it.
FIELDS: Final = (
    "id", "at", "account", "on_behalf_of", "action", "subject", "unit", "purpose", "correlation_id", "detail", "chain",
    "sequence",
)  # fmt: skip


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


def _hash(key: bytes, previous: bytes, row: Mapping[str, Any]) -> bytes:
    return hmac.digest(key, previous + as_json([_plain(row[name]) for name in FIELDS]), "sha256")


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def as_json(value: Any) -> bytes:
    """The one way in which a value is written as JSON: its hash depends on it."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
