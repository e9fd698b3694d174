"""Rows of an import as they are kept: compact, and without an identity number."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import msgspec

from services.registry.domain.importing import DecidedRow, ImportedEnterprise

_PERSONAL_NPWP: Final = 16

Reasons = list[tuple[str, str, str]]
"""Code, Indonesian, English."""

_encode: Final = msgspec.msgpack.Encoder().encode
_decode_record: Final = msgspec.msgpack.Decoder(ImportedEnterprise).decode
_decode_reasons: Final = msgspec.msgpack.Decoder(Reasons).decode


def encode_record(record: ImportedEnterprise) -> bytes:
    """What a row says, its NIK left out (it is kept encrypted), and a person's NPWP, which is the NIK again."""
    npwp = record.npwp
    if npwp is not None and len(npwp) == _PERSONAL_NPWP and npwp[0] != "0":
        npwp = None
    return _encode(msgspec.structs.replace(record, nik=None, npwp=npwp))


def decode_record(body: bytes) -> ImportedEnterprise:
    """The inverse of `encode_record`."""
    return _decode_record(body)


def encode_reasons(row: DecidedRow[Any]) -> bytes:
    """What speaks for and against the match, and what is wrong with the cells."""
    reasons: Reasons = []
    if row.score is not None:
        heaviest_first = sorted(row.score.evidence, key=lambda item: -abs(item.stranger + item.sibling))
        reasons += [(item.code, item.reason_id, item.reason_en) for item in heaviest_first]
    reasons += [
        (problem.code, f"{problem.column}: {problem.message_id}", f"{problem.column}: {problem.message_en}")
        for problem in row.problems
    ]
    return _encode(reasons)


def decode_reasons(body: bytes) -> Reasons:
    """The inverse of `encode_reasons`."""
    return _decode_reasons(body)


def shown_cells(record: ImportedEnterprise, nik_shown: str | None) -> dict[str, Any]:
    """What a row says, for people: codes and figures, the NIK masked, unknown fields left out."""
    cells = {
        name: value
        for name, value in msgspec.to_builtins(record).items()
        if value not in (None, [], (), "") and name not in ("nik", "is_named")
    }
    if record.founded is not None:
        cells["founded"] = record.founded.isoformat()
    if nik_shown:
        cells["nik"] = nik_shown
    return cells


class KeptRow(msgspec.Struct, frozen=True, gc=False):
    """A row of an import as it was kept."""

    number: int
    outcome: str
    enterprise: UUID | None
    owner: UUID | None
    candidate: UUID | None
    score: float | None
    reasons: bytes
    record: ImportedEnterprise | None
    nik: bytes | None
    nik_hash: bytes | None
    nik_shown: str | None
    decision: str | None

    @property
    def makes_enterprise(self) -> bool:
        """Whether an enterprise is made of it."""
        return self.outcome == "new" or (self.outcome == "review" and self.decision != "same")

    @property
    def may_fill(self) -> bool:
        """Whether it may know something that its enterprise lacks."""
        return self.record is not None and self.outcome in ("same", "review") and not self.makes_enterprise

    @property
    def repeats(self) -> UUID | None:
        """The known enterprise that it repeats."""
        return self.candidate if self.outcome == "review" else self.enterprise


def kept_row(values: tuple[Any, ...]) -> KeptRow:
    """A row from its columns, in the order of `KeptRow`'s fields."""
    number, outcome, enterprise, owner, candidate, score, reasons, record, *rest = values
    read = decode_record(record) if record is not None else None
    return KeptRow(number, outcome, enterprise, owner, candidate, score, reasons, read, *rest)
