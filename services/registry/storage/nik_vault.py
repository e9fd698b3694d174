"""Identity numbers at rest: encrypted, and findable through a keyed hash.

AES-256-GCM with the owner's id as associated data, so that a ciphertext copied to another owner doesn't open; HMAC-SHA-256
under a second key for searching. Both keys stand in one file that only the registry's processes can read.
"""

from __future__ import annotations

import base64
import hmac
import os
from functools import lru_cache
from pathlib import Path
from typing import Final
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.settings import Settings

_NONCE: Final = 12
_KEY: Final = 32


class VaultError(RuntimeError):
    """The key file is missing or unusable, or a ciphertext isn't this owner's."""


class NikVault:
    """Encrypts, opens and hashes NIKs with two keys of 32 bytes."""

    def __init__(self, encryption_key: bytes, index_key: bytes) -> None:
        if len(encryption_key) != _KEY or len(index_key) != _KEY:
            raise VaultError("the keys must have 32 bytes each")
        self._cipher = AESGCM(encryption_key)
        self._index = hmac.new(index_key, None, "sha256")  # copied for each NIK: half the time of making it anew

    @classmethod
    def from_file(cls, path: str) -> NikVault:
        """Read `{"encryption": base64, "index": base64}`. Raises VaultError, which never holds what the file says."""
        try:
            keys = orjson.loads(Path(path).read_bytes())
            return cls(base64.b64decode(keys["encryption"]), base64.b64decode(keys["index"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise VaultError(f"PLUT_DATA_KEY_FILE can't be read: {type(error).__name__}") from None

    def encrypt(self, digits: str, owner: UUID) -> bytes:
        """Nonce and ciphertext."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, digits.encode(), owner.bytes)

    def decrypt(self, ciphertext: bytes, owner: UUID) -> str:
        """The digits. Raises VaultError for another owner's ciphertext or another key's."""
        try:
            return self._cipher.decrypt(ciphertext[:_NONCE], ciphertext[_NONCE:], owner.bytes).decode()
        except InvalidTag:
            raise VaultError("this ciphertext is not this owner's") from None

    def hash(self, digits: str) -> bytes:
        """What a NIK is searched by: the same for the same digits, telling nothing without the key."""
        code = self._index.copy()
        code.update(digits.encode())
        return code.digest()


@lru_cache(maxsize=1)
def vault() -> NikVault:
    """The process's vault, read once from the file that PLUT_DATA_KEY_FILE names."""
    return NikVault.from_file(Settings.from_environment().data_key_file)
