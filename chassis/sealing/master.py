"""The master key: it wraps data keys and never meets the data.

The interface has the shape of a key management service (AWS KMS, Vault Transit and Cloud KMS offer these calls), so that one
can stand here; the keys of a deployment without one stand in a file, or in the environment.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.key_files import Watched
from chassis.sealing.box import KEY, disclose, enclose
from chassis.settings import Settings, SettingsError


class WrapError(RuntimeError):
    """A data key can't be opened: its master key isn't there, or it was wrapped for another unit."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """A new data key: in clear for now, and wrapped for keeping; `master` names the key that opens it."""

    plain: bytes
    wrapped: bytes
    master: str


class KeyService(Protocol):
    """What stands between data keys and the master key. `context` binds a wrapped key to its place."""

    def current_master(self) -> str:
        """The name of the master key that new data keys are wrapped with."""

    def new_data_key(self, context: bytes) -> DataKey:
        """A fresh key of 32 bytes, wrapped."""

    def wrap(self, plain: bytes, context: bytes) -> DataKey:
        """A data key that is there already, wrapped with the current master key."""

    def open_data_key(self, wrapped: bytes, master: str, context: bytes) -> bytes:
        """The key in clear; raises WrapError."""


class FileKeyService:
    """Master keys by name, the newest first: `{"master": [{"id": "2026-11", "key": base64}, …]}`."""

    def __init__(self, keys: Watched[dict[str, AESGCM]] | dict[str, AESGCM]) -> None:
        self._keys = keys

    @property
    def _known(self) -> dict[str, AESGCM]:
        return self._keys.value() if isinstance(self._keys, Watched) else self._keys

    def current_master(self) -> str:
        """The first one's name."""
        return next(iter(self._known))

    def new_data_key(self, context: bytes) -> DataKey:
        """A fresh key, wrapped."""
        return self.wrap(os.urandom(KEY), context)

    def wrap(self, plain: bytes, context: bytes) -> DataKey:
        """Nonce and ciphertext, AES-256-GCM."""
        master, cipher = next(iter(self._known.items()))
        return DataKey(plain, enclose(cipher, plain, context), master)

    def open_data_key(self, wrapped: bytes, master: str, context: bytes) -> bytes:
        """The key in clear; raises WrapError."""
        cipher = self._known.get(master)
        if cipher is None:
            raise WrapError(f"there is no master key {master!r}")
        try:
            return disclose(cipher, wrapped, context)
        except InvalidTag:
            raise WrapError("this data key was wrapped for another place, or by another key") from None


def read_master_keys(content: Any) -> dict[str, AESGCM]:
    """Ciphers by name, in the order of the file; raises ValueError for one that can't be used."""
    keys = {str(each["id"]): base64.b64decode(each["key"], validate=True) for each in content["master"]}
    if not keys or any(len(key) != KEY for key in keys.values()):
        raise ValueError("a master key has 32 bytes")
    return {name: AESGCM(key) for name, key in keys.items()}


def data_keys_content(settings: Settings) -> Any | Path:
    """Where the keys are: the JSON of PLUT_DATA_KEYS, or else the file that PLUT_DATA_KEY_FILE names."""
    return orjson.loads(settings.data_keys) if settings.data_keys else Path(settings.data_key_file)


@lru_cache(maxsize=1)
def key_service() -> KeyService:
    """The process's; raises SettingsError, which never holds what the file says."""
    try:
        found = data_keys_content(Settings.from_environment())
        if isinstance(found, Path):
            return FileKeyService(Watched(found, read_master_keys))
        return FileKeyService(read_master_keys(found))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"PLUT_DATA_KEY_FILE can't be used: {type(error).__name__}") from None
