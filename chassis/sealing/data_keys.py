"""Values sealed with their unit's data key, which stands wrapped in `plut.data_key`.

A sealed value is a version, the data key's id, a nonce and the ciphertext (AES-256-GCM). What it is about, such as its owner's
id, is authenticated, so that a value copied to another row doesn't open.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import text

from chassis.identifiers import new_id
from chassis.sealing.box import NONCE, disclose, enclose
from chassis.sealing.master import KeyService, key_service
from chassis.unit_of_work import UnitOfWork

_VERSION: Final = b"\1"
_ID: Final = 16
_HEAD: Final = len(_VERSION) + _ID
#: Data keys that a process keeps in clear.
_KEPT: Final = 1_000
_IN_SESSION: Final = "plut.data_keys"

# shared, so that a key isn't retired while a transaction seals with it
_CURRENT = text("SELECT id, wrapped, master FROM plut.data_key WHERE unit = :unit AND retired_at IS NULL FOR SHARE")
_BY_ID = text("SELECT unit, wrapped, master FROM plut.data_key WHERE id = :id")
_ADD = text(
    "INSERT INTO plut.data_key (id, unit, wrapped, master, created_at) VALUES (:id, :unit, :wrapped, :master, :now)"
    " ON CONFLICT (unit) WHERE retired_at IS NULL DO NOTHING"
)


class SealError(RuntimeError):
    """A value can't be opened: it isn't sealed, not about this, or its key isn't within reach."""


class _Opened:
    """Data keys in clear, by id, those used last."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ciphers: OrderedDict[UUID, AESGCM] = OrderedDict()

    def get(self, key: UUID) -> AESGCM | None:
        with self._lock:
            cipher = self._ciphers.get(key)
            if cipher is not None:
                self._ciphers.move_to_end(key)
            return cipher

    def put(self, key: UUID, cipher: AESGCM) -> None:
        with self._lock:
            self._ciphers[key] = cipher
            if len(self._ciphers) > _KEPT:
                self._ciphers.popitem(last=False)


_opened: Final = _Opened()


def sealer(uow: UnitOfWork, unit: str) -> Callable[[bytes, bytes], bytes]:
    """What seals values of a unit in this transaction: `(value, about) -> sealed`.

    It asks the database nothing any more, so it may be used while a COPY is open. The unit's key is made where there is none.
    """
    key, cipher = _current(uow, unit)
    head = _VERSION + key.bytes

    def seal_one(value: bytes, about: bytes) -> bytes:
        return head + enclose(cipher, value, about)

    return seal_one


def open_sealed(uow: UnitOfWork, sealed: bytes, *, about: bytes) -> bytes:
    """The value in clear; raises SealError, also where the key's unit is out of the caller's scope."""
    if sealed[:1] != _VERSION or len(sealed) <= _HEAD + NONCE:
        raise SealError("this is no sealed value")
    cipher = _cipher(uow, key_of(sealed))
    try:
        return disclose(cipher, sealed[_HEAD:], about)
    except InvalidTag:
        raise SealError("this value is about something else") from None


def key_of(sealed: bytes) -> UUID:
    """Which data key a value is sealed with."""
    return UUID(bytes=bytes(sealed[len(_VERSION) : _HEAD]))


def context_of(unit: str, key: UUID) -> bytes:
    """What a wrapped data key is bound to."""
    return f"{unit}/{key}".encode()


def _current(uow: UnitOfWork, unit: str) -> tuple[UUID, AESGCM]:
    known: dict[str, tuple[UUID, AESGCM]] = uow.session.info.setdefault(_IN_SESSION, {})
    if unit not in known:
        row = uow.session.execute(_CURRENT, {"unit": unit}).one_or_none() or _make(uow, unit)
        known[unit] = (row.id, _open(key_service(), row.id, unit, row.wrapped, row.master))
    return known[unit]


def _make(uow: UnitOfWork, unit: str) -> Any:
    key = new_id()
    made = key_service().new_data_key(context_of(unit, key))
    uow.session.execute(_ADD, {"id": key, "unit": unit, "wrapped": made.wrapped, "master": made.master, "now": uow.now})
    # another transaction may have been faster
    return uow.session.execute(_CURRENT, {"unit": unit}).one()


def _cipher(uow: UnitOfWork, key: UUID) -> AESGCM:
    row = uow.session.execute(_BY_ID, {"id": key}).one_or_none()
    if row is None:
        raise SealError("the key of this value is not within reach")
    return _open(key_service(), key, row.unit, row.wrapped, row.master)


def _open(service: KeyService, key: UUID, unit: str, wrapped: bytes, master: str) -> AESGCM:
    cipher = _opened.get(key)
    if cipher is None:
        cipher = AESGCM(service.open_data_key(bytes(wrapped), master, context_of(unit, key)))
        _opened.put(key, cipher)
    return cipher
