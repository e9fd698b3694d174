"""What the two processes say to each other: MessagePack, each message after its length in four bytes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import IO, Final, TypeVar

import msgspec

from services.registry.domain.importing import Column, ReadRow
from services.registry.domain.importing.plan import SheetState
from services.registry.domain.kbli import KbliVersion

_LENGTH_BYTES: Final = 4


class Request(msgspec.Struct, frozen=True):
    """What is to be read, and what it is read with. `secret` (up to 64 bytes) is the key of the rows' fingerprints."""

    path: str
    districts: list[tuple[str, str]]
    villages: list[tuple[str, str]]
    known_kbli: dict[KbliVersion, set[str]]
    today: dt.date
    mapping: dict[str, str] | None
    secret: bytes


class PlannedSheet(msgspec.Struct, frozen=True):
    """A sheet as it will be read."""

    name: str
    state: SheetState
    header_rows: tuple[int, ...]
    columns: tuple[Column, ...]


class Planned(msgspec.Struct, frozen=True, tag=True):
    """How the file will be read; answered by `Answer`."""

    sheets: tuple[PlannedSheet, ...]


class Answer(msgspec.Struct, frozen=True):
    """Go on; with another mapping, plan anew."""

    mapping: dict[str, str] | None


class Rows(msgspec.Struct, frozen=True, tag=True):
    """Data rows in order, each with its fingerprint; an empty message is the last."""

    rows: list[tuple[int, ReadRow]]


class Refused(msgspec.Struct, frozen=True, tag=True):
    """The file isn't read: code and parameters of a `WorkbookRefused`."""

    code: str
    params: dict[str, str | int]


class MappingInvalid(msgspec.Struct, frozen=True, tag=True):
    """The mapping can't be used."""

    reason: str


T = TypeVar("T")
_encode: Final = msgspec.msgpack.Encoder().encode


def send(stream: IO[bytes], message: msgspec.Struct) -> None:
    """Write a message and hand it over."""
    body = _encode(message)
    stream.write(len(body).to_bytes(_LENGTH_BYTES, "big"))
    stream.write(body)
    stream.flush()


def receive(stream: IO[bytes], decoder: msgspec.msgpack.Decoder[T]) -> T | None:
    """The next message, `None` when the other process is gone."""
    head = stream.read(_LENGTH_BYTES)
    length = int.from_bytes(head, "big")
    body = stream.read(length)
    return decoder.decode(body) if len(head) == _LENGTH_BYTES and len(body) == length else None


def batches(rows: Iterator[tuple[int, ReadRow]], size: int) -> Iterator[Rows]:
    """Messages of `size` rows, and the empty one after the last."""
    batch: list[tuple[int, ReadRow]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield Rows(batch)
            batch = []
    if batch:
        yield Rows(batch)
    yield Rows([])
