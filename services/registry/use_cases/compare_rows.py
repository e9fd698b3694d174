"""Compare an import's rows with the unit's enterprises and the rows before, and keep each with what it will make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import msgspec
import psycopg
from rapidfuzz import fuzz

from chassis.unit_of_work import UnitOfWork
from services.registry.domain.importing import DecidedRow, ImportedEnterprise, ReadRow, decide_rows
from services.registry.domain.names import person_words
from services.registry.storage.bulk import copying
from services.registry.storage.import_rows import encode_reasons, encode_record
from services.registry.storage.match_records import KnownEnterprises, known_enterprises
from services.registry.storage.nik_vault import hasher, nik_sealer
from services.registry.storage.tables import import_row

_COLUMNS: Final = (
    "import_id", "number", "unit", "sheet", "row", "outcome", "enterprise", "owner", "candidate", "score",
    "fingerprint", "reasons", "record", "nik", "nik_hash", "nik_shown",
)  # fmt: skip
_SAME_PERSON: Final = 80.0
"""Likeness (0 to 100) of two names under one NIK from which on they are one person's."""


@dataclass(slots=True)
class _Rows:
    """An import's rows on their way through the duplicate search: numbered, and known ones set aside."""

    read: Iterator[tuple[int, ReadRow]]
    seen_before: dict[int, list[UUID]]
    number: int = 0
    fingerprint: int = 0
    known: list[tuple[int, int, ReadRow, UUID]] = field(default_factory=list)

    def rows(self) -> Iterator[ReadRow]:
        """The rows that no earlier import of the unit has had."""
        for fingerprint, row in self.read:
            self.number += 1
            self.fingerprint = fingerprint
            before = self.seen_before.get(fingerprint)
            if before:
                # the second of two equal rows is the second of them again
                self.known.append((self.number, fingerprint, row, before.pop(0)))
            else:
                yield row


def compare_rows(
    uow: UnitOfWork, connection: psycopg.Connection[Any], import_: Any, read: Iterator[tuple[int, ReadRow]]
) -> Counter[str]:
    """Decide each row (`read` gives it after its fingerprint) and keep it; returns the number of rows by outcome."""
    known = known_enterprises(uow, import_.unit)
    rows = _Rows(read, _seen_before(connection, import_))
    seal = nik_sealer(uow, import_.unit)
    outcomes: Counter[str] = Counter()
    decided = decide_rows(
        rows,  # type: ignore[arg-type]
        index=known.index,
        hash_nik=lru_cache(maxsize=None)(hasher().hash),
        new_ref=lambda _: uow.new_id(),
    )
    with copying(connection, import_row, _COLUMNS) as copy:
        for row in decided:
            outcomes[row.outcome] += 1
            copy.write_row(_values(import_, row, rows, known, seal))
            for number, fingerprint, same, enterprise in rows.known:
                copy.write_row(_known_values(import_, number, fingerprint, same, enterprise))
            outcomes["same"] += len(rows.known)
            rows.known.clear()
        for number, fingerprint, same, enterprise in rows.known:
            copy.write_row(_known_values(import_, number, fingerprint, same, enterprise))
        outcomes["same"] += len(rows.known)
    return outcomes


def _values(
    import_: Any, row: DecidedRow[UUID], rows: _Rows, known: KnownEnterprises, seal: Callable[[str, UUID], bytes]
) -> tuple[Any, ...]:
    record, owner, nik = row.record, None, None
    if record is not None and row.enterprise is not None:
        owner = known.owner_of.get(row.enterprise)
        if owner is None:
            owner = known.owner_of[row.enterprise] = _owner_of(row.enterprise, record, row.nik_hash, known)
        if record.nik is not None:
            nik = seal(record.nik.digits, owner)
    return (
        import_.id.bytes, rows.number, import_.unit, row.sheet, row.row, row.outcome,
        row.enterprise.bytes if row.enterprise is not None else None, owner.bytes if owner is not None else None,
        row.candidate.bytes if row.candidate is not None else None,
        row.score.value if row.score is not None else None, rows.fingerprint, encode_reasons(row),
        encode_record(record) if record is not None else None, nik, row.nik_hash, _nik_shown(row),
    )  # fmt: skip


def _nik_shown(row: DecidedRow[UUID]) -> str | None:
    """The NIK masked, also one that can't be right: then the owner's NIK is unknown, not missing."""
    if row.record is not None and row.record.nik is not None:
        return row.record.nik.masked
    return next((problem.value for problem in row.problems if problem.field == "nik"), None)


def _known_values(import_: Any, number: int, fingerprint: int, row: ReadRow, enterprise: UUID) -> tuple[Any, ...]:
    return (
        import_.id.bytes, number, import_.unit, row.sheet, row.row, "same", enterprise.bytes, None, None, None, fingerprint,
        _SEEN_BEFORE, None, None, None, None,
    )  # fmt: skip


_SEEN_BEFORE: Final = msgspec.msgpack.encode(
    [("seen_before", "Baris ini sudah pernah diimpor.", "This row was imported before.")]
)


def _owner_of(enterprise: UUID, record: ImportedEnterprise, nik_hash: bytes | None, known: KnownEnterprises) -> UUID:
    """The known owner with this NIK and such a name, otherwise a new one, who has the enterprise's id."""
    name = record.owner_name or ""
    if nik_hash is not None:
        person = known.by_nik.get(nik_hash)
        if person is not None and (person[1] == name or _is_same_person(person[1], name)):
            return person[0]
    if nik_hash is not None:
        known.by_nik.setdefault(nik_hash, (enterprise, name))
    return enterprise


def _is_same_person(one: str, other: str) -> bool:
    return fuzz.token_sort_ratio(" ".join(person_words(one)), " ".join(person_words(other))) >= _SAME_PERSON


def _seen_before(connection: psycopg.Connection[Any], import_: Any) -> dict[int, list[UUID]]:
    """Enterprises by the fingerprints of rows that earlier imports of the unit have taken in, in their order."""
    seen: dict[int, list[UUID]] = {}
    newest: dict[int, UUID] = {}
    with connection.cursor(binary=True) as cursor:
        cursor.execute(
            "SELECT r.fingerprint, coalesce(e.merged_into, e.id), r.import_id FROM import_row r"
            " JOIN import i ON i.id = r.import_id JOIN enterprise e ON e.id = r.enterprise"
            " WHERE i.unit = %s AND i.state = 'completed' AND i.id <> %s ORDER BY r.import_id DESC, r.number",
            (import_.unit, import_.id),
        )
        for fingerprint, enterprise, import_id in cursor:
            # of several imports with this row the newest counts
            if newest.setdefault(fingerprint, import_id) == import_id:
                seen.setdefault(fingerprint, []).append(enterprise)
    return seen
