"""Read an import's file: every row parsed, compared with what is known, and kept for the preview. One transaction."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
import psycopg
from rapidfuzz import fuzz

from chassis.database import driver_connection
from chassis.files import FileStore
from chassis.unit_of_work import UnitOfWork
from contracts.errors import PlutError
from services.registry.domain.importing import ImportedEnterprise, ImportPlan, ReadRow, decide_rows, read_plan
from services.registry.domain.importing.deciding import DecidedRow
from services.registry.domain.names import person_words
from services.registry.storage import import_mappings, places
from services.registry.storage.bulk import copying
from services.registry.storage.import_rows import encode_reasons, encode_record
from services.registry.storage.match_records import KnownEnterprises, known_enterprises
from services.registry.storage.nik_vault import NikVault, vault
from services.registry.storage.tables import import_row, imports
from services.registry.workbook import Sheet, WorkbookRefused, open_workbook

_COLUMNS: Final = (
    "import_id", "number", "unit", "sheet", "row", "outcome", "enterprise", "owner", "candidate", "score",
    "fingerprint", "reasons", "record", "nik", "nik_hash", "nik_shown",
)  # fmt: skip
_SAME_PERSON: Final = 80.0
"""Likeness (0 to 100) of two names under one NIK from which on they are one person's."""


def read_rows(*, uow: UnitOfWork, files: FileStore, import_: Any) -> Counter[str]:
    """Read the file anew and keep its rows; returns the number of rows by outcome.

    Raises PlutError `registry.file-refused` for a file that isn't a workbook of enterprises, with what to do about it.
    """
    connection = driver_connection(uow.session.connection())
    with _workbook(files, import_) as sheets:
        plan = _plan(uow, connection, import_, sheets)
        decisions = connection.execute(
            "SELECT number, fingerprint, decision FROM import_row WHERE import_id = %s AND decision IS NOT NULL",
            (import_.id,),
        ).fetchall()
        connection.execute("DELETE FROM import_row WHERE import_id = %s", (import_.id,))
        outcomes = _decide_and_keep(uow, connection, import_, plan)
        for number, fingerprint, decision in decisions:
            connection.execute(
                "UPDATE import_row SET decision = %s WHERE import_id = %s AND number = %s AND fingerprint = %s"
                " AND outcome = 'review'",
                (decision, import_.id, number, fingerprint),
            )
    uow.session.execute(
        imports.update()
        .where(imports.c.id == import_.id)
        .values(
            columns=_columns(plan),
            outcomes={name: outcomes[name] for name in ("new", "same", "review", "broken")},
            rows=outcomes.total(),
            analysed_at=uow.now,
            version=imports.c.version + 1,
        )
    )
    return outcomes


@contextmanager
def _workbook(files: FileStore, import_: Any) -> Iterator[Sequence[Sheet]]:
    """The file's sheets; what is wrong with the file is told while they are read, so it is caught around all of that."""
    try:
        with _local(files, import_.file) as path:
            yield open_workbook(path).sheets
    except WorkbookRefused as refusal:
        raise PlutError("registry.file-refused", refusal.message_en, refusal.message_id, reason=refusal.code) from None
    except FileNotFoundError:
        raise PlutError(
            "registry.file-refused",
            "The file is no longer there; send it again.",
            "Berkas sudah tidak ada; kirim ulang.",
            reason="file_missing",
        ) from None


@contextmanager
def _local(files: FileStore, key: str) -> Iterator[Path]:
    """The file as a path of this machine."""
    path = files.local_path(key)
    if path is not None:
        yield Path(path)
        return
    with files.open(key) as source, tempfile.NamedTemporaryFile() as copy:
        shutil.copyfileobj(source, copy, 1 << 20)
        copy.flush()
        yield Path(copy.name)


def _plan(uow: UnitOfWork, connection: psycopg.Connection[Any], import_: Any, sheets: Any) -> ImportPlan:
    gazetteer = places.gazetteer(connection, import_.unit)
    options: dict[str, Any] = {
        "gazetteer": gazetteer,
        "known_kbli": places.known_kbli(connection),
        "today": uow.now.date(),
    }
    try:
        plan = read_plan(sheets, mapping=import_.mapping, **options)
        if import_.mapping is None:
            saved = import_mappings.find(connection, import_.unit, import_mappings.signature(_columns(plan)))
            plan = read_plan(sheets, mapping=saved, **options) if saved else plan
    except ValueError as error:
        raise PlutError(
            "registry.mapping-invalid",
            f"The mapping can't be used: {error}",
            f"Pemetaan kolom tidak dapat dipakai: {error}",
            fields={"mapping": [str(error)]},
        ) from None
    if not plan.is_readable:
        raise PlutError(
            "registry.file-refused",
            "No sheet has a header with a name of a business or an owner. Set what the columns mean, or check the file.",
            "Tidak ada lembar dengan judul kolom nama usaha atau nama pemilik. Tentukan arti kolom, atau periksa berkasnya.",
            reason="no_header",
            sheets=[{"sheet": sheet.name, "state": sheet.state} for sheet in plan.sheets],
        )
    return plan


def _columns(plan: ImportPlan) -> dict[str, Any]:
    """Headers, guesses and how sure they are, by sheet."""
    return {
        sheet.name: {
            "state": sheet.state,
            "header_rows": list(sheet.layout.header_rows) if sheet.layout else [],
            "columns": [msgspec.to_builtins(column) for column in sheet.layout.columns] if sheet.layout else [],
        }
        for sheet in plan.sheets
    }


@dataclass(slots=True)
class _Rows:
    """An import's rows on their way through the duplicate search: numbered, and known ones set aside."""

    plan: ImportPlan
    seen_before: dict[int, list[UUID]]
    secret: bytes
    number: int = 0
    fingerprint: int = 0
    known: list[tuple[int, int, ReadRow, UUID]] = field(default_factory=list)

    def rows(self) -> Iterator[ReadRow]:
        """The rows that no earlier import of the unit has had."""
        for row in self.plan.rows():
            self.number += 1
            self.fingerprint = _fingerprint(row, self.secret)
            before = self.seen_before.get(self.fingerprint)
            if before:
                # the second of two equal rows is the second of them again
                self.known.append((self.number, self.fingerprint, row, before.pop(0)))
            else:
                yield row


def _decide_and_keep(
    uow: UnitOfWork, connection: psycopg.Connection[Any], import_: Any, plan: ImportPlan
) -> Counter[str]:
    niks = vault()
    known = known_enterprises(connection, import_.unit)
    rows = _Rows(plan, _seen_before(connection, import_), niks.hash(str(import_.unit)))
    outcomes: Counter[str] = Counter()
    decided = decide_rows(
        rows,  # type: ignore[arg-type]
        index=known.index,
        hash_nik=lru_cache(maxsize=None)(niks.hash),
        new_ref=lambda _: uow.new_id(),
    )
    with copying(connection, import_row, _COLUMNS) as copy:
        for row in decided:
            outcomes[row.outcome] += 1
            copy.write_row(_values(import_, row, rows, known, niks))
            for number, fingerprint, same, enterprise in rows.known:
                copy.write_row(_known_values(import_, number, fingerprint, same, enterprise))
            outcomes["same"] += len(rows.known)
            rows.known.clear()
        for number, fingerprint, same, enterprise in rows.known:
            copy.write_row(_known_values(import_, number, fingerprint, same, enterprise))
        outcomes["same"] += len(rows.known)
    return outcomes


def _values(
    import_: Any, row: DecidedRow[UUID], rows: _Rows, known: KnownEnterprises, niks: NikVault
) -> tuple[Any, ...]:
    record, owner, nik = row.record, None, None
    if record is not None and row.enterprise is not None:
        owner = known.owner_of.get(row.enterprise)
        if owner is None:
            owner = known.owner_of[row.enterprise] = _owner_of(row.enterprise, record, row.nik_hash, known)
        if record.nik is not None:
            nik = niks.encrypt(record.nik.digits, owner)
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


def _fingerprint(row: ReadRow, secret: bytes) -> int:
    """A row's content as a number, equal for equal content: keyed, because it is made from identity numbers too."""
    content = msgspec.msgpack.encode((row.record, row.problems if row.record is None else None))
    return int.from_bytes(blake2b(content, digest_size=8, key=secret).digest(), "big", signed=True)


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
