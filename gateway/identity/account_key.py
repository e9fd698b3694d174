"""The gateway's own secret: what is kept encrypted, and what is kept as a keyed hash.

AES-256-GCM with the row's id as associated data, so that a ciphertext copied to another row doesn't open; HMAC-SHA-256
under a second key for what is too short to be safe as a plain hash: codes of six digits, recovery codes.
"""

from __future__ import annotations

import base64
import hmac
import os
from pathlib import Path
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.sealing.box import KEY, disclose, enclose
from chassis.settings import SettingsError


class AccountKeyError(RuntimeError):
    """A ciphertext isn't this row's, or was made with another key."""


class AccountKey:
    """Encrypts, opens and hashes with two keys of 32 bytes."""

    def __init__(self, encryption_key: bytes, hashing_key: bytes) -> None:
        if len(encryption_key) != KEY or len(hashing_key) != KEY:
            raise SettingsError("PLUT_ACCOUNT_KEY_FILE must hold two keys of 32 bytes each")
        self._cipher = AESGCM(encryption_key)
        self._hashing_key = hashing_key

    @classmethod
    def from_file(cls, path: str) -> AccountKey:
        """Read `{"encryption": base64, "hashing": base64}`. Raises SettingsError, which never holds what the file says."""
        try:
            keys = orjson.loads(Path(path).read_bytes())
            encryption, hashing = (base64.b64decode(keys[use]) for use in ("encryption", "hashing"))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError(f"PLUT_ACCOUNT_KEY_FILE can't be read: {type(error).__name__}") from None
        return cls(encryption, hashing)

    def seal(self, secret: bytes, owner: UUID) -> bytes:
        """Nonce and ciphertext, which open for `owner` alone."""
        return enclose(self._cipher, secret, owner.bytes)

    def open(self, sealed: bytes, owner: UUID) -> bytes:
        """What was sealed for `owner`; raises AccountKeyError."""
        try:
            return disclose(self._cipher, sealed, owner.bytes)
        except InvalidTag:
            raise AccountKeyError("this ciphertext is not this owner's") from None

    def hash(self, use: str, *parts: str) -> bytes:
        """The keyed hash of `parts` for one use; that of another use tells nothing about it."""
        return hmac.digest(self._hashing_key, "\0".join((use, *parts)).encode(), "sha256")


def write_key(file: Path) -> None:
    """Make a new key file, readable by its owner alone."""
    file.touch(mode=0o600)
    keys = {use: base64.b64encode(os.urandom(KEY)).decode() for use in ("encryption", "hashing")}
    file.write_bytes(orjson.dumps(keys))
