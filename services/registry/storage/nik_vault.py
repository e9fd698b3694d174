"""Identity numbers at rest: sealed with their unit's key, and findable through a keyed hash.

The owner's id is authenticated with the number, so that one copied to another owner doesn't open. The hash is HMAC-SHA-256
under keys of its own, which stand beside the master keys in one file that only the registry's processes can read:
`{"master": [...], "index": [base64, …]}`. With several, the first writes and all of them find.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from chassis.key_files import Watched
from chassis.sealing import open_sealed, sealer
from chassis.sealing.master import data_keys_content
from chassis.settings import Settings, SettingsError
from chassis.unit_of_work import UnitOfWork

_KEY: Final = 32


class NikHasher:
    """Hashes NIKs for searching: the same for the same digits, telling nothing without the key."""

    def __init__(self, keys: list[bytes]) -> None:
        if not keys or any(len(key) != _KEY for key in keys):
            raise ValueError("an index key has 32 bytes")
        # copied for each NIK: half the time of making it anew
        self._begun = [hmac.new(key, None, "sha256") for key in keys]

    def hashes(self, digits: str) -> list[bytes]:
        """Under every key, the one that writes first."""
        return [self._hash(begun, digits) for begun in self._begun]

    def hash(self, digits: str) -> bytes:
        """Under the key that writes."""
        return self._hash(self._begun[0], digits)

    @property
    def keys(self) -> int:
        """How many keys there are; several while they are being replaced."""
        return len(self._begun)

    @staticmethod
    def _hash(begun: Any, digits: str) -> bytes:
        code = begun.copy()
        code.update(digits.encode())
        found: bytes = code.digest()
        return found


def hasher() -> NikHasher:
    """The process's, by the keys as they are now."""
    kept = _kept()
    return kept.value() if isinstance(kept, Watched) else kept


def seal_nik(uow: UnitOfWork, unit: str, digits: str, owner: UUID) -> bytes:
    """A NIK as it is kept for an owner of a unit."""
    return nik_sealer(uow, unit)(digits, owner)


def nik_sealer(uow: UnitOfWork, unit: str) -> Callable[[str, UUID], bytes]:
    """The same for many of them, also while a COPY is open."""
    seal = sealer(uow, unit)
    return lambda digits, owner: seal(digits.encode(), owner.bytes)


def open_nik(uow: UnitOfWork, sealed: bytes, owner: UUID) -> str:
    """The digits. Raises SealError for another owner's, or another unit's."""
    return open_sealed(uow, bytes(sealed), about=owner.bytes).decode()


@lru_cache(maxsize=1)
def _kept() -> Watched[NikHasher] | NikHasher:
    try:
        found = data_keys_content(Settings.from_environment())
        return Watched(found, _read) if isinstance(found, Path) else _read(found)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"PLUT_DATA_KEY_FILE can't be used: {type(error).__name__}") from None


def _read(content: Any) -> NikHasher:
    return NikHasher([base64.b64decode(key, validate=True) for key in content["index"]])
