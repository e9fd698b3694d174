"""Enterprises made of an import's rows: everything that a chunk writes, table by table, and its events."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from chassis.copying import day
from chassis.outbox import Publication
from chassis.unit_of_work import UnitOfWork
from contracts.registry import Contact, EnterpriseRegistered
from services.registry.domain.importing import ImportedEnterprise
from services.registry.domain.size import Classification, classify
from services.registry.storage import tables
from services.registry.storage.bulk import copy_rows
from services.registry.storage.event_data import class_columns, classified
from services.registry.storage.import_rows import KeptRow, decode_reasons
from services.registry.storage.search_index import Entry, Place, add_entries, entry

_OWNER: Final = (
    "id", "unit", "name", "nik_ciphertext", "nik_hash", "nik_shown", "nik_state", "sex", "birth_date", "phone", "email",
    "import_id",
)  # fmt: skip
_ENTERPRISE: Final = (
    "id", "unit", "version", "state", "kind", "name", "owner_id", "street", "rt", "rw", "village", "district", "phone",
    "email", "nib", "npwp", "kbli", "kbli_version", "products", "founded", "founded_precision", "size",
    "measurement_id", "import_id", "import_version", "registered_at", "updated_at", "words",
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
_ANY_KIND: Final = re.compile(r"\b(?:pt|cv|kop|ksp|kud)", re.IGNORECASE)
_BINAAN: Final = re.compile(r"\bbinaan\b", re.IGNORECASE)


@dataclass(slots=True)
class Batch:
    """What one chunk writes, table by table."""

    now: bytes
    """The transaction's time as PostgreSQL's bytes."""
    owners: list[tuple[Any, ...]] = field(default_factory=list)
    enterprises: list[tuple[Any, ...]] = field(default_factory=list)
    measurements: list[tuple[Any, ...]] = field(default_factory=list)
    duplicates: list[tuple[Any, ...]] = field(default_factory=list)
    binaan: list[tuple[Any, ...]] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    events: list[Publication] = field(default_factory=list)


def add_enterprise(batch: Batch, uow: UnitOfWork, import_: Any, row: KeptRow, known: set[UUID]) -> None:
    """Put into the batch what a row makes; `known` are the owners that are there, or are made by rows before."""
    record, enterprise, owner, unit = row.record, row.enterprise, row.owner, import_.unit
    assert record is not None
    assert enterprise is not None
    assert owner is not None
    mobile, second = (*record.phones, None, None)[:2]
    is_new_owner = owner not in known
    if is_new_owner:
        known.add(owner)
        batch.owners.append(_owner(row, record, unit, import_.id, mobile))
    classification, measurement = _measure(batch, uow, record, enterprise, unit)
    kind = kind_of(record.name)
    version = 2 if classification else 1
    size = class_columns(classification)[0]
    kbli_version = int(record.kbli_version) if record.kbli_version else None
    entered = entry(enterprise, record.name, record.owner_name or "", record.product or "")
    batch.enterprises.append((
        enterprise.bytes, unit, version, "active", kind, record.name, owner.bytes, record.street, record.rt, record.rw,
        record.village_code, record.district_code, second if is_new_owner else mobile, record.email, record.nib,
        record.npwp, record.kbli, kbli_version, record.product,
        day(record.founded.first_day()) if record.founded else None,
        record.founded.precision if record.founded else None, size, measurement, import_.id.bytes, version,
        batch.now, batch.now, entered[1],
    ))  # fmt: skip
    batch.entries.append(entered)
    if record.notes and _BINAAN.search(record.notes):
        batch.binaan.append((uow.new_id().bytes, enterprise.bytes, unit, unit, import_.id.bytes))
    if row.outcome == "review":
        state = "different" if row.decision == "different" else "open"
        batch.duplicates.append((
            uow.new_id().bytes, unit, enterprise.bytes, row.candidate.bytes if row.candidate else None,
            likelihood(row.score), _as_json(row.reasons), state, import_.id.bytes, batch.now,
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


def _owner(row: KeptRow, record: ImportedEnterprise, unit: str, import_id: UUID, phone: str | None) -> tuple[Any, ...]:
    damaged = row.nik is None and row.nik_shown is not None
    return (
        row.owner.bytes if row.owner else None, unit, record.owner_name or "", row.nik, row.nik_hash,
        row.nik_shown if row.nik else None,
        "known" if row.nik else "unknown" if damaged else "missing",
        None if record.is_female is None else "female" if record.is_female else "male",
        day(record.born) if record.born else None, phone, record.email, import_id.bytes,
    )  # fmt: skip


def _measure(
    batch: Batch, uow: UnitOfWork, record: ImportedEnterprise, enterprise: UUID, unit: str
) -> tuple[Classification | None, bytes | None]:
    """The class, and the measurement's id: an import measures an enterprise once, so it is the enterprise's."""
    if record.capital is None and record.sales_per_year is None and record.workers is None:
        return None, None
    today = uow.now.date()
    is_new = record.founded is not None and record.founded.year >= today.year
    result = classify(capital=record.capital, sales=record.sales_per_year, is_new=is_new, as_of=today)
    batch.measurements.append((
        enterprise.bytes, enterprise.bytes, unit, record.capital, record.sales_per_year, record.workers, day(today),
        "import", *class_columns(result), batch.now, uow.context.account,
    ))  # fmt: skip
    return result, enterprise.bytes


def kind_of(name: str) -> str:
    """The legal form that a business's name tells."""
    if not _ANY_KIND.search(name):
        return "perorangan"
    return next((kind for kind, pattern in _KINDS if pattern.search(name)), "perorangan")


def likelihood(bits: float | None) -> float:
    """A score in bits as a probability: 0 bits are even odds."""
    return 0.5 if bits is None else round(1 / (1 + 2.0 ** -max(-30.0, min(30.0, bits))), 4)


def _as_json(reasons: bytes) -> Any:
    return Jsonb([{"code": code, "id": text_id, "en": text_en} for code, text_id, text_en in decode_reasons(reasons)])


def write(
    connection: psycopg.Connection[Any], uow: UnitOfWork, import_: Any, batch: Batch, known_terms: set[Place]
) -> None:
    """Write a batch; `known_terms` are those that the search index has certainly got."""
    copy_rows(connection, tables.owner, _OWNER, batch.owners)
    copy_rows(connection, tables.enterprise, _ENTERPRISE, batch.enterprises)
    copy_rows(connection, tables.measurement, _MEASUREMENT, batch.measurements)
    if batch.duplicates:
        copy_rows(connection, tables.duplicate, _DUPLICATE, batch.duplicates)
    if batch.binaan:
        copy_rows(connection, tables.binaan, ("id", "enterprise", "unit", "by_unit", "import_id"), batch.binaan)
    uow.publish_many(batch.events)
    add_entries(connection, import_.unit, batch.entries, known_terms)
