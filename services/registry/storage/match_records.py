"""What the duplicate search knows of a unit: its enterprises in the form in which they are compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import psycopg

from services.registry.domain.matching import MatchIndex, MatchRecord, Score, decide, match_record, score
from services.registry.storage.word_search import search

_SELECT = """
SELECT e.id, e.owner_id, e.name, o.name, o.nik_hash, o.phone, e.phone, e.nib, coalesce(e.email, o.email), o.birth_date,
       e.district, e.village, e.street, e.rt, e.rw, e.products, e.kbli, extract(year FROM e.founded)::integer,
       m.capital, m.sales, m.workers
FROM enterprise e JOIN owner o ON o.id = e.owner_id LEFT JOIN measurement m ON m.id = e.measurement_id
WHERE e.unit = %s AND e.state <> 'merged'
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


def known_enterprises(connection: psycopg.Connection[Any], unit: str) -> KnownEnterprises:
    """Load a unit's enterprises (some 75,000 take about two seconds)."""
    known = KnownEnterprises()
    with connection.cursor(binary=True) as cursor:
        for row in cursor.execute(_SELECT + "ORDER BY e.id", (unit,)):
            known.index.add(row[0], _record(row))
            known.owner_of[row[0]] = row[1]
            if row[4] is not None:
                known.by_nik.setdefault(row[4], (row[1], row[3]))
    return known


def similar_enterprises(
    connection: psycopg.Connection[Any], unit: str, record: MatchRecord, *, words: str, but: UUID | None = None
) -> list[tuple[UUID, Score]]:
    """Enterprises of a unit that one could be a repeat of, most alike first: by NIK, phone, NIB, and similar names."""
    blocks = [
        row[0]
        for row in connection.execute("SELECT block FROM search_block WHERE place = %s ORDER BY block DESC", (unit,))
    ]
    named = [enterprise for _, enterprise in search(connection, words, blocks)[:_MOST_SIMILAR]]
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute(
            _SELECT + "AND (e.id = ANY(%s) OR e.nib = %s OR e.phone = ANY(%s) OR e.owner_id IN"
            " (SELECT id FROM owner WHERE nik_hash = %s UNION ALL SELECT id FROM owner WHERE phone = ANY(%s)))",
            (unit, named, record.nib, list(record.phones), record.nik, list(record.phones)),
        ).fetchall()
    scored = [(row[0], score(record, _record(row))) for row in rows if row[0] != but]
    return sorted(((each, found) for each, found in scored if decide(found) != "new"), key=lambda pair: -pair[1].value)


def _record(row: tuple[Any, ...]) -> MatchRecord:
    _, _, name, owner, nik, phone, phone2, nib, email, born, district, village, street, rt, rw, product, kbli, *rest = (
        row
    )
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
