"""The search index: entries of enterprises, in blocks of one unit, and the vocabulary that bridges typing mistakes.

An entry is filed in a GIN index under (block, term) for every word of its name, owner and products, in two blocks: one
of its unit, and one of the country. Each holds some ten thousand enterprises. So a unit's search reads lists that don't
grow with the country, and a country's search goes through block by block and stops as soon as it has found enough.

The index holds numbers. The words stand with the enterprise, where row-level security decides who may read them.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

import psycopg

from chassis.copying import bigint_items, bigints, copying
from services.registry.storage.search_terms import in_block, term_number, terms_of, variant_number, variants

BLOCK_SIZE: Final = 40_000
"""Enterprises in a block, about; a new block is begun beyond."""
COUNTRY: Final = ""
"""The place of the country's blocks."""

_COUNT_FROM: Final = 100
"""Entries from which a block's count is kept exactly."""

_COLUMNS: Final = ("enterprise", "keys")
_TYPES: Final = ("bytea", "bytea")

Entry = tuple[UUID, str, set[str]]
"""An enterprise, the words of its name, its owner's name and its products (for `enterprise.words`), and the terms among
them: see `entry`."""
Place = tuple[int, int]
"""A term's number and a block in which it occurs."""


def entry(enterprise: UUID, name: str, owner: str, products: str) -> Entry:
    """An enterprise as it is filed, by the terms of these texts."""
    parts = terms_of(name), terms_of(owner), terms_of(products)
    return enterprise, "\n".join([" ".join(part) for part in parts]), {word for part in parts for word in part}


def add_entries(
    connection: psycopg.Connection[Any], unit: str, entries: Sequence[Entry], known: set[Place] | None = None
) -> None:
    """File enterprises of a unit that have no entry yet.

    `known` are (term, block) that are certainly in the database; what is new is added to it, for the next call of the
    same job.
    """
    if not entries:
        return
    blocks = [_block_of(connection, each) for each in (unit, COUNTRY)]
    numbers = [block for block, _ in blocks]
    filed: dict[str, bytes] = {}
    rows = []
    for enterprise, _, terms in entries:
        for term in terms:
            if term not in filed:
                filed[term] = bigint_items([in_block(block, term_number(term)) for block in numbers])
        rows.append((enterprise.bytes, bigints(b"".join([filed[term] for term in terms]))))
    add_terms(connection, numbers, filed, set() if known is None else known)
    with copying(connection, "search_entry", _COLUMNS, _TYPES, protected=False) as copy:
        for row in rows:
            copy.write_row(row)
    # last, so that the rows' locks are held for the commit only
    for (block, is_new), of in zip(blocks, (unit, COUNTRY), strict=True):
        if is_new:
            statement = "INSERT INTO search_block (block, place, entries) VALUES (%s, %s, %s)"
            connection.execute(statement, (block, of, len(rows)))
        elif counted := _counted(len(rows)):
            connection.execute("UPDATE search_block SET entries = entries + %s WHERE block = %s", (counted, block))


def remove_entries(connection: psycopg.Connection[Any], enterprises: Sequence[UUID]) -> None:
    """Take enterprises out of the index."""
    connection.execute("DELETE FROM search_entry WHERE enterprise = ANY(%s)", (list(enterprises),))


def _counted(entries: int) -> int:
    """By how much a block's count is raised: right on average, and for few entries mostly by nothing.

    The country's row is one for everybody. If each registration wrote it, each would wait for the one before to be
    committed, and all of them for an import's.
    """
    if entries >= _COUNT_FROM:
        return entries
    return _COUNT_FROM if random.random() * _COUNT_FROM < entries else 0  # noqa: S311 - a sample, no secret


def _block_of(connection: psycopg.Connection[Any], unit: str) -> tuple[int, bool]:
    """The block that a unit's new entries go to, and whether it has yet to be made."""
    newest = connection.execute(
        "SELECT block, entries FROM search_block WHERE place = %s ORDER BY block DESC LIMIT 1", (unit,)
    ).fetchone()
    if newest is not None and newest[1] < BLOCK_SIZE:
        return newest[0], False
    number = connection.execute("SELECT nextval('search_block_number')").fetchone()
    assert number is not None
    return number[0], True


def add_terms(
    connection: psycopg.Connection[Any], blocks: Sequence[int], terms: Iterable[str], known: set[Place]
) -> None:
    """Make terms known in blocks, and near spellings of those that are new anywhere."""
    numbers = {term_number(term): term for term in terms}
    wanted = {(term, block) for term in numbers for block in blocks} - known
    if not wanted:
        return
    known |= wanted
    places = {
        (term, block)
        for term, block in connection.execute(
            "SELECT term, block FROM search_place WHERE term = ANY(%s) AND block = ANY(%s)",
            (list({term for term, _ in wanted}), list(blocks)),
        )
    }
    # sorted, so that two writers of the same terms wait for each other and never in a circle
    missing = sorted(wanted - places)
    if not missing:
        return
    candidates = sorted({term for term, _ in missing})
    somewhere = {
        row[0]
        for row in connection.execute("SELECT DISTINCT term FROM search_place WHERE term = ANY(%s)", (candidates,))
    }
    pairs = sorted(
        (variant_number(variant), numbers[number])
        for number in candidates
        if number not in somewhere
        for variant in variants(numbers[number])
    )
    if pairs:
        connection.execute(
            "INSERT INTO search_variant SELECT * FROM unnest(%s::bigint[], %s::text[]) ON CONFLICT DO NOTHING",
            ([pair[0] for pair in pairs], [pair[1] for pair in pairs]),
        )
    connection.execute(
        "INSERT INTO search_place SELECT * FROM unnest(%s::bigint[], %s::int[]) ON CONFLICT DO NOTHING",
        ([term for term, _ in missing], [block for _, block in missing]),
    )
