"""Finding enterprises by words, with typing mistakes, lost and added blanks: near words → candidates → order.

The number of candidates is bounded, so that a search takes about the same time among a million enterprises as among some
thousands: where more fit, those found first are ordered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final
from uuid import UUID

import psycopg
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from services.registry.storage.search_terms import key, reach, term_number, terms_of, variant_number, variants

CANDIDATES: Final = 300
"""Candidates that are looked at for one reading of a query."""
NEAR_TERMS: Final = 20
"""Near words that stand in for one word of the query."""
_MOST_WORDS: Final = 6
_ENOUGH: Final = 100
"""With so many candidates, no further blocks are looked into."""
_UNLISTED_BLOCKS: Final = 4
"""So many blocks are looked into without asking first where the words occur at all."""
_SHORTEST_PART: Final = 3
_FIELD_WEIGHTS: Final = (1.0, 0.92, 0.8)
"""How much a word counts that was found in the name, in the owner's name, in the products."""

Weights = dict[str, float]
"""Near terms of one word of the query: 1 for itself, less per mistake."""
Filters = tuple[str, tuple[Any, ...]]
"""SQL conditions on `e` (enterprise) that begin with AND, and their values."""
Connection = psycopg.Connection[Any]


def search(
    connection: Connection,
    query: str,
    blocks: Sequence[int],
    filters: Filters = ("", ()),
    *,
    owner_only: bool = False,
) -> list[tuple[float, UUID]]:
    """The best enterprises for the words of `query` within `blocks`, as (score from 0 to 1, id), best first.

    Each word must be met by a near one. Where that finds nothing, other readings are tried: words joined, a word split,
    a word left out.
    """
    asked = list(terms_of(query)[:_MOST_WORDS])
    if not asked or not blocks:
        return []
    compact = "".join(asked)
    found: dict[UUID, float] = {}
    for readings in _attempts(connection, asked):
        for reading in readings:
            index = _by_term(reading)
            for enterprise, line in _candidates(connection, reading, blocks, filters):
                score = _score(index, len(reading), line, compact, len(asked), owner_only=owner_only)
                if score > found.get(enterprise, 0):
                    found[enterprise] = score
        if found:
            break
    return sorted(((score, enterprise) for enterprise, score in found.items()), key=lambda hit: (-hit[0], hit[1]))


def _attempts(connection: Connection, asked: list[str]) -> Iterator[list[list[Weights]]]:
    """Readings of the query, the literal one first, in groups: a group is tried when those before found nothing."""
    near = _near_terms(connection, asked)
    yield _complete([[near[word] for word in asked]])
    joined = [(at, asked[at] + asked[at + 1]) for at in range(len(asked) - 1)]
    parts = [
        (at, word[:cut], word[cut:])
        for at, word in enumerate(asked)
        for cut in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1)
    ]
    others = _near_terms(connection, [word for _, word in joined], exact=[half for part in parts for half in part[1:]])
    near |= others
    yield _complete(
        [[*(near[w] for w in asked[:at]), near[word], *(near[w] for w in asked[at + 2 :])] for at, word in joined]
        + [
            [*(near[w] for w in asked[:at]), {left: 0.95}, {right: 0.95}, *(near[w] for w in asked[at + 1 :])]
            for at, left, right in parts
            if near[left] and near[right]
        ]
    )
    yield _complete([[near[w] for other, w in enumerate(asked) if other != at] for at in range(len(asked))])


def _complete(readings: list[list[Weights]]) -> list[list[Weights]]:
    return [reading for reading in readings if reading and all(reading)]


def _near_terms(connection: Connection, asked: Iterable[str], *, exact: Iterable[str] = ()) -> dict[str, Weights]:
    """Known terms near each word of `asked`, and each word of `exact` where it is known itself."""
    asked, exact = list(asked), list(exact)
    numbers = {variant_number(variant) for word in asked for variant in variants(word)}
    numbers |= {variant_number(stem) for word in exact for stem in (word[:7],)}
    rows = connection.execute("SELECT DISTINCT term FROM search_variant WHERE variant = ANY(%s)", (list(numbers),))
    known = [row[0] for row in rows]
    there = set(known)
    near: dict[str, Weights] = {word: {word: 1.0} if word in there else {} for word in exact}
    for word in asked:
        mistakes = process.extract(word, known, scorer=OSA.distance, score_cutoff=reach(word), limit=NEAR_TERMS)
        near[word] = {term: 1 - 0.8 * distance / len(word) for term, distance, _ in mistakes}
    return near


def _candidates(
    connection: Connection, reading: list[Weights], blocks: Sequence[int], filters: Filters
) -> Iterator[tuple[UUID, str]]:
    """Entries that hold a near term of every word, at most `CANDIDATES`."""
    condition, values = filters
    statement = (
        "SELECT e.id, e.words FROM search_entry s JOIN enterprise e ON e.id = s.enterprise"
        f" WHERE {' AND '.join(['s.keys && %s::bigint[]'] * len(reading))}{condition} LIMIT %s"
    )
    left = CANDIDATES
    for some in _batches(_where_known(connection, reading, blocks)):
        keys = [[key(block, term) for block in some for term in weights] for weights in reading]
        rows = connection.execute(statement, (*keys, *values, left)).fetchall()
        yield from rows
        left -= len(rows)
        if CANDIDATES - left >= _ENOUGH:
            return


def _where_known(connection: Connection, reading: list[Weights], blocks: Sequence[int]) -> Sequence[int]:
    """The blocks in which every word is met; not looked up where there are few."""
    if len(blocks) <= _UNLISTED_BLOCKS:
        return blocks
    kept = set(blocks)
    for weights in reading:
        rows = connection.execute(
            "SELECT DISTINCT block FROM search_place WHERE term = ANY(%s)", ([term_number(term) for term in weights],)
        )
        kept &= {row[0] for row in rows}
    return [block for block in blocks if block in kept]


def _batches(blocks: Sequence[int]) -> Iterator[Sequence[int]]:
    """Few blocks at first, then four times as many each time that candidates are still wanting."""
    at, size = 0, 2
    while at < len(blocks):
        yield blocks[at : at + size]
        at, size = at + size, size * 4


def _by_term(reading: list[Weights]) -> dict[str, list[tuple[int, float]]]:
    """Near terms of all words: which word of the reading each stands for, and how much it counts."""
    index: dict[str, list[tuple[int, float]]] = {}
    for at, weights in enumerate(reading):
        for term, weight in weights.items():
            index.setdefault(term, []).append((at, weight))
    return index


def _score(
    index: dict[str, list[tuple[int, float]]], words: int, line: str, compact: str, asked: int, *, owner_only: bool
) -> float:
    """How well an entry fits: each word by its best near term and where that stands, then the likeness of the names."""
    best = [0.0] * words
    parts = line.split("\n")
    for field, part in enumerate(parts):
        if owner_only and field != 1:
            continue
        field_weight = _FIELD_WEIGHTS[field]
        for hits in filter(None, map(index.get, part.split(" "))):
            for at, weight in hits:
                best[at] = max(best[at], weight * field_weight)
    if not all(best):
        return 0.0
    met = sum(best) / max(words, asked)
    like = fuzz.ratio(compact, parts[1 if owner_only else 0].replace(" ", "")) / 100
    return round(0.7 * met + 0.3 * like, 6)
