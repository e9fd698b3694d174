"""Take a chunk of an import's rows in: enterprises, owners, measurements, search entries and events, in one transaction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from chassis.database import driver_connection
from chassis.unit_of_work import UnitOfWork
from contracts.events import Event
from contracts.registry import Contact, EnterpriseClassified, EnterpriseRegistered
from services.registry.domain.importing import ImportedEnterprise
from services.registry.domain.size import Classification, Size, classify
from services.registry.storage import tables
from services.registry.storage.bulk import copy_rows
from services.registry.storage.import_rows import decode_reasons, decode_record
from services.registry.storage.search_index import add_entries
from services.registry.use_cases.fill_blanks import fill_blanks

CHUNK: Final = 2_000
"""Rows in one transaction: large enough for COPY to pay, small enough to lose little and hold up nobody."""

_OWNER: Final = (
    "id", "unit", "name", "nik_ciphertext", "nik_hash", "nik_shown", "nik_state", "sex", "birth_date", "phone", "email",
    "import_id",
)  # fmt: skip
_ENTERPRISE: Final = (
    "id", "unit", "version", "state", "kind", "name", "owner_id", "street", "rt", "rw", "village", "district", "phone",
    "email", "nib", "npwp", "kbli", "kbli_version", "products", "channels", "founded", "founded_precision", "size",
    "measurement_id", "import_id", "registered_at", "updated_at",
)  # fmt: skip
_MEASUREMENT: Final = (
    "id", "enterprise", "unit", "capital", "sales", "workers", "as_of", "source", "size", "criterion", "by_capital",
    "by_sales", "rule", "recorded_at", "recorded_by",
)  # fmt: skip
_DUPLICATE: Final = ("id", "unit", "enterprise", "other", "score", "reasons", "state", "import_id", "found_at")
_KINDS: Final = (
    ("pt-perorangan", re.compile(r"\bpt\.?\s+perorangan\b", re.IGNORECASE)),
    ("koperasi", re.compile(r"^\s*(?:koperasi|kop\.|kopontren|koptan|ksp|kud)\b", re.IGNORECASE)),
    ("cv", re.compile(r"^\s*cv\b|,\s*cv\.?\s*$", re.IGNORECASE)),
    ("pt", re.compile(r"^\s*pt\b|,\s*pt\.?\s*$", re.IGNORECASE)),
)
_BINAAN: Final = re.compile(r"\bbinaan\b", re.IGNORECASE)
_SIZES: Final = {size: size.name.lower() for size in Size}


@dataclass(slots=True)
class _Batch:
    """What one chunk writes, table by table."""

    owners: list[tuple[Any, ...]] = field(default_factory=list)
    enterprises: list[tuple[Any, ...]] = field(default_factory=list)
    measurements: list[tuple[Any, ...]] = field(default_factory=list)
    duplicates: list[tuple[Any, ...]] = field(default_factory=list)
    binaan: list[tuple[Any, ...]] = field(default_factory=list)
    entries: list[tuple[UUID, str, str, str]] = field(default_factory=list)
    events: list[tuple[Event, UUID, str, int]] = field(default_factory=list)


def take_in_rows(*, uow: UnitOfWork, import_: Any) -> int:
    """Take in the rows after the `import_.done` first ones; returns how many are done then."""
    connection = driver_connection(uow.session.connection())
    rows = _rows(connection, import_)
    if not rows:
        return int(import_.done)
    known = _owners_there(connection, rows)
    batch = _Batch()
    for row in rows:
        if row.record is not None and row.makes_enterprise:
            _add(batch, uow, import_, row, known)
    _write(connection, uow, import_, batch)
    fill_blanks(uow=uow, import_=import_, rows=[row for row in rows if row.may_fill])
    return rows[-1].number


@dataclass(slots=True, frozen=True)
class Row:
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


def _rows(connection: psycopg.Connection[Any], import_: Any) -> list[Row]:
    with connection.cursor(binary=True) as cursor:
        cursor.execute(
            "SELECT number, outcome, enterprise, owner, candidate, score, reasons, record, nik, nik_hash, nik_shown, decision"
            " FROM import_row WHERE import_id = %s AND number > %s AND number <= %s ORDER BY number",
            (import_.id, import_.done, import_.done + CHUNK),
        )
        return [
            Row(*values[:7], decode_record(values[7]) if values[7] is not None else None, *values[8:])
            for values in cursor
        ]


def _owners_there(connection: psycopg.Connection[Any], rows: Sequence[Row]) -> set[UUID]:
    """Owners of the chunk that are known already: of the database, or of a chunk before."""
    wanted = list({row.owner for row in rows if row.owner is not None})
    with connection.cursor(binary=True) as cursor:
        return {row[0] for row in cursor.execute("SELECT id FROM owner WHERE id = ANY(%s)", (wanted,))}


def _add(batch: _Batch, uow: UnitOfWork, import_: Any, row: Row, known: set[UUID]) -> None:
    record, enterprise, owner, unit = row.record, row.enterprise, row.owner, import_.unit
    assert record is not None and enterprise is not None and owner is not None
    mobile, second = (*record.phones, None, None)[:2]
    is_new_owner = owner not in known
    if is_new_owner:
        known.add(owner)
        batch.owners.append(_owner(row, record, unit, import_.id, mobile))
    measured = _measure(batch, uow, record, enterprise, unit)
    classification, measurement = measured or (None, None)
    kind = next((kind for kind, pattern in _KINDS if pattern.search(record.name)), "perorangan")
    version = 2 if classification else 1
    size = _SIZES[classification.size] if classification else None
    kbli_version = int(record.kbli_version) if record.kbli_version else None
    batch.enterprises.append((
        enterprise, unit, version, "active", kind, record.name, owner, record.street, record.rt, record.rw,
        record.village_code, record.district_code, second if is_new_owner else mobile, record.email, record.nib,
        record.npwp, record.kbli, kbli_version, record.product, [],
        record.founded.first_day() if record.founded else None,
        record.founded.precision if record.founded else None, size, measurement, import_.id, uow.now, uow.now,
    ))  # fmt: skip
    batch.entries.append((enterprise, record.name, record.owner_name or "", record.product or ""))
    if record.notes and _BINAAN.search(record.notes):
        batch.binaan.append((uow.new_id(), enterprise, unit, import_.id))
    if row.outcome == "review":
        state = "different" if row.decision == "different" else "open"
        batch.duplicates.append((
            uow.new_id(), unit, enterprise, row.candidate, likelihood(row.score),
            _as_json(row.reasons), state, import_.id, uow.now,
        ))  # fmt: skip
    registered = EnterpriseRegistered(
        enterprise=enterprise,
        owner=owner,
        business=record.name,
        kind=kind,  # type: ignore[arg-type]
        district=record.district_code,
        village=record.village_code,
        kbli=record.kbli,
        kbli_version=kbli_version,
        job=import_.id,
        contact=Contact(name=record.owner_name or record.name, phone=mobile, email=record.email),
    )
    batch.events.append((registered, enterprise, unit, 1))
    if classification:
        batch.events.append((classified(classification, enterprise, import_.id), enterprise, unit, 2))


def _owner(row: Row, record: ImportedEnterprise, unit: str, import_id: UUID, phone: str | None) -> tuple[Any, ...]:
    damaged = row.nik is None and row.nik_shown is not None
    return (
        row.owner, unit, record.owner_name or "", row.nik, row.nik_hash, row.nik_shown if row.nik else None,
        "known" if row.nik else "unknown" if damaged else "missing",
        None if record.is_female is None else "female" if record.is_female else "male",
        record.born, phone, record.email, import_id,
    )  # fmt: skip


def _measure(
    batch: _Batch, uow: UnitOfWork, record: ImportedEnterprise, enterprise: UUID, unit: str
) -> tuple[Classification | None, UUID] | None:
    if record.capital is None and record.sales_per_year is None and record.workers is None:
        return None
    day, measurement = uow.now.date(), uow.new_id()
    is_new = record.founded is not None and record.founded.year >= day.year
    result = classify(capital=record.capital, sales=record.sales_per_year, is_new=is_new, as_of=day)
    batch.measurements.append((
        measurement, enterprise, unit, record.capital, record.sales_per_year, record.workers, day, "import",
        *class_columns(result), uow.now, uow.context.account,
    ))  # fmt: skip
    return result, measurement


def class_columns(result: Classification | None) -> tuple[str | None, ...]:
    """A classification as the columns size, criterion, by_capital, by_sales, rule of a measurement."""
    if result is None:
        return (None,) * 5
    by_capital, by_sales = (
        None if size is None else _SIZES[size] for size in (result.capital_class, result.sales_class)
    )
    return _SIZES[result.size], result.criterion, by_capital, by_sales, result.source


def classified(result: Classification, enterprise: UUID, job: UUID | None = None) -> EnterpriseClassified:
    """A classification as the event that tells of it."""
    size, criterion, by_capital, by_sales, _ = class_columns(result)
    return EnterpriseClassified(
        enterprise=enterprise,
        size=size,  # type: ignore[arg-type]
        criterion=criterion,  # type: ignore[arg-type]
        as_of=result.as_of,
        by_capital=by_capital,  # type: ignore[arg-type]
        by_sales=by_sales,  # type: ignore[arg-type]
        disagrees=result.disagrees,
        job=job,
    )


def likelihood(bits: float | None) -> float:
    """A score in bits as a probability: 0 bits are even odds."""
    return 0.5 if bits is None else round(1 / (1 + 2.0 ** -max(-30.0, min(30.0, bits))), 4)


def _as_json(reasons: bytes) -> Any:
    return Jsonb([{"code": code, "id": text_id, "en": text_en} for code, text_id, text_en in decode_reasons(reasons)])


def _write(connection: psycopg.Connection[Any], uow: UnitOfWork, import_: Any, batch: _Batch) -> None:
    copy_rows(connection, tables.owner, _OWNER, batch.owners)
    copy_rows(connection, tables.enterprise, _ENTERPRISE, batch.enterprises)
    copy_rows(connection, tables.measurement, _MEASUREMENT, batch.measurements)
    if batch.duplicates:
        copy_rows(connection, tables.duplicate, _DUPLICATE, batch.duplicates)
    if batch.binaan:
        copy_rows(connection, tables.binaan, ("id", "enterprise", "unit", "import_id"), batch.binaan)
    uow.publish_many(batch.events)
    add_entries(connection, import_.unit, batch.entries)
