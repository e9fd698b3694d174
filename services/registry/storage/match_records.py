"""What the duplicate search knows of a unit: its enterprises in the form in which they are compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import psycopg

from chassis.database import driver_connection
from chassis.unit_of_work import UnitOfWork
from services.registry.domain.matching import MatchIndex, MatchRecord, Score, decide, match_record, score
from services.registry.storage.nik_vault import hasher, open_nik
from services.registry.storage.word_search import search

_SELECT = """
SELECT e.id, e.owner_id, e.name, o.name, o.nik_hash, o.phone, e.phone, e.nib, coalesce(e.email, o.email), o.birth_date,
       e.district, e.village, e.street, e.rt, e.rw, e.products, e.kbli, extract(year FROM e.founded)::integer,
       m.capital, m.sales, m.workers
FROM enterprise e JOIN owner o ON o.id = e.owner_id LEFT JOIN measurement m ON m.id = e.measurement_id
WHERE e.unit = %s AND e.state NOT IN ('merged', 'erased')
"""
_MOST_SIMILAR: Final = 200


@dataclass(slots=True)
class KnownEnterprises:
    """A unit's enterprises: to be compared with, and who owns them."""

    index: MatchIndex[UUID] = field(default_factory=MatchIndex)
    owner_of: dict[UUID, UUID] = field(default_factory=dict)
    """Owner's id by enterprise."""
    by_nik: dict[bytes, tuple[UUID, str]] = field(default_factory=dict)
    """Owner's id and name by the NIK's hash."""


def known_enterprises(uow: UnitOfWork, unit: str) -> KnownEnterprises:
    """Load a unit's enterprises (some 75,000 take about two seconds)."""
    known = KnownEnterprises()
    connection = driver_connection(uow.session.connection())
    newest = _newest_hashes(uow, connection, unit)
    with connection.cursor(binary=True) as cursor:
        for row in cursor.execute(_SELECT + "ORDER BY e.id", (unit,)):
            nik_hash = newest.get(row[4], row[4])
            known.index.add(row[0], _record(row, nik_hash))
            known.owner_of[row[0]] = row[1]
            if nik_hash is not None:
                known.by_nik.setdefault(nik_hash, (row[1], row[3]))
    return known


def _newest_hashes(uow: UnitOfWork, connection: psycopg.Connection[Any], unit: str) -> dict[bytes, bytes]:
    """While the index key is being replaced: the new hash by the one that is kept."""
    if hasher().keys == 1:
        return {}
    query = "SELECT nik_hash, nik_ciphertext, id FROM owner WHERE unit = %s AND nik_ciphertext IS NOT NULL"
    rows = connection.execute(query, (unit,), binary=True).fetchall()
    return {kept: hasher().hash(open_nik(uow, sealed, owner)) for kept, sealed, owner in rows}


def similar_enterprises(
    connection: psycopg.Connection[Any], unit: str, record: MatchRecord, *, words: str, hashes: Sequence[bytes]
) -> list[tuple[UUID, Score]]:
    """Enterprises of a unit that one could be a repeat of, most alike first: by NIK, phone, NIB, and similar names.

    `hashes` are those of the record's NIK under every key.
    """
    blocks = [
        row[0]
        for row in connection.execute("SELECT block FROM search_block WHERE place = %s ORDER BY block DESC", (unit,))
    ]
    named = [enterprise for _, enterprise in search(connection, words, blocks)[:_MOST_SIMILAR]]
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute(
            _SELECT + "AND (e.id = ANY(%s) OR e.nib = %s OR e.phone = ANY(%s) OR e.owner_id IN"
            " (SELECT id FROM owner WHERE nik_hash = ANY(%s) UNION ALL SELECT id FROM owner WHERE phone = ANY(%s)))",
            (unit, named, record.nib, list(record.phones), list(hashes), list(record.phones)),
        ).fetchall()
    scored = [(row[0], score(record, _record(row, record.nik if row[4] in hashes else row[4]))) for row in rows]
    return sorted(((each, found) for each, found in scored if decide(found) != "new"), key=lambda pair: -pair[1].value)


def _record(row: tuple[Any, ...], nik: bytes | None) -> MatchRecord:
    # after two ids and before the columns below: the kept hash, for which `nik` stands
    name, owner, _, phone, phone2, nib, email, born, district, village, street, rt, rw, product, kbli, *rest = row[2:]
    founded, capital, sales, workers = rest
    return match_record(
        # a business without a name of its own was given its owner's
        name="" if name == owner else name,
        owner_name=owner,
        nik_hash=nik,
        phones=tuple(each for each in (phone, phone2) if each),
        nib=nib,
        email=email,
        born=born,
        district_code=district,
        village_code=village,
        street=street,
        rt=rt,
        rw=rw,
        product=product,
        kbli=kbli,
        founded_year=founded,
        capital=capital,
        sales_per_year=sales,
        workers=workers,
    )
