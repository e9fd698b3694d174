"""Searching: by words with typing mistakes, by exact numbers, by filters; in pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from chassis.database import driver_connection
from chassis.unit_of_work import UnitOfWork
from contracts.errors import INVALID_REQUEST, PlutError
from services.registry.domain.phone import parse_phones
from services.registry.domain.problems import CellError
from services.registry.queries.enterprises import enterprise_hits
from services.registry.queries.pages import encode_cursor, plain_text, position_of
from services.registry.storage.nik_vault import vault
from services.registry.storage.people import invalid
from services.registry.storage.word_search import Filters, search

MOST_UNIT_BLOCKS = 64
"""With more blocks of units in the scope, the country's blocks are searched."""
_HOW = ("sort", "cursor", "limit", "state", "unit")
_ORDERS = {
    "name": ("lower(e.name)", "ASC"),
    "registered": ("e.id", "ASC"),
    "-registered": ("e.id", "DESC"),
    "-updated": ("e.updated_at", "DESC"),
}
_KINDS: dict[str, Callable[[str], Any]] = {
    "lower(e.name)": plain_text,
    "e.id": UUID,
    "e.updated_at": datetime.fromisoformat,
}


def search_enterprises(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """One page of enterprises. That somebody searched, and by what kind of thing, is on record; what was typed isn't."""
    filters = filters_of(uow, request)
    found = _found(uow, request, filters)
    by = sorted(name for name, value in request.items() if value not in (None, "") and name not in _HOW)
    uow.audit("enterprises.searched", unit=request.get("unit"), detail={"by": by, "shown": len(found["items"])})
    return found


def _found(uow: UnitOfWork, request: dict[str, Any], filters: Filters) -> dict[str, Any]:
    words = request.get("q") or request.get("owner")
    if words and request.get("sort", "relevance") == "relevance":
        return _by_words(uow, request, words, filters)
    if words:
        raise PlutError(
            INVALID_REQUEST,
            "A search by words is ordered by relevance.",
            "Pencarian kata diurutkan menurut kecocokan.",
            fields={"sort": ["Leave it out, or `relevance`, together with q or owner."]},
        )
    return _by_filters(uow, request, filters)


def _by_words(uow: UnitOfWork, request: dict[str, Any], words: str, filters: Filters) -> dict[str, Any]:
    connection = driver_connection(uow.session.connection())
    blocks, scoped = blocks_of(connection, uow, request.get("unit"))
    narrowing = filters if scoped or filters_beside_scope(request) else ("", ())
    hits = search(connection, words, blocks, narrowing, owner_only=not request.get("q"))
    if (position := position_of(request, float, UUID)) is not None:
        hits = [hit for hit in hits if (-hit[0], hit[1]) > (-position[0], position[1])]
    page = hits[: request["limit"]]
    lines = enterprise_hits(uow, [enterprise for _, enterprise in page])
    items = [
        lines[enterprise] | {"score": round(score, 4)}
        for score, enterprise in page
        if enterprise in lines and lines[enterprise]["state"] == request["state"]
    ]
    more = len(hits) > len(page)
    mark = encode_cursor(*page[-1]) if more else None
    return {"items": items, "next": mark}


def found_by_words(uow: UnitOfWork, request: dict[str, Any]) -> list[UUID]:
    """Ids of all that a search by words finds, for an export."""
    connection = driver_connection(uow.session.connection())
    blocks, _ = blocks_of(connection, uow, request.get("unit"))
    words = request.get("q") or request["owner"]
    return [enterprise for _, enterprise in search(connection, words, blocks, owner_only=not request.get("q"))]


def blocks_of(connection: psycopg.Connection[Any], uow: UnitOfWork, unit: str | None) -> tuple[list[int], bool]:
    """The blocks to look into, and whether they hold more than the scope, so that candidates must be filtered by it."""
    scope, values = scope_sql("place", uow, unit)
    # an index is always right here, and statistics lag behind imports
    connection.execute("SET LOCAL enable_seqscan = off")
    rows = connection.execute(
        f"SELECT block FROM search_block WHERE place <> ''{scope} ORDER BY block DESC LIMIT %s",
        (*values, MOST_UNIT_BLOCKS + 1),
    ).fetchall()
    if len(rows) <= MOST_UNIT_BLOCKS:
        return [row[0] for row in rows], False
    rows = connection.execute("SELECT block FROM search_block WHERE place = '' ORDER BY block DESC").fetchall()
    return [row[0] for row in rows], bool(scope)


def scope_sql(column: str, uow: UnitOfWork, unit: str | None) -> tuple[str, tuple[Any, ...]]:
    """The caller's scope, and a unit asked for, as conditions that begin with AND."""
    condition, values = "", ()
    for scopes in (uow.scopes, (unit,) if unit else ("",)):
        if "" in scopes:
            continue
        parts = " OR ".join(f"{column} = %s OR ({column} >= %s AND {column} < %s)" for _ in scopes) or "false"
        condition += f" AND ({parts})"
        values += tuple(each for scope in scopes for each in (scope, f"{scope}.", f"{scope}/"))  # type: ignore[assignment]
    return condition, values


def filters_beside_scope(request: dict[str, Any]) -> bool:
    """Whether anything but words and place of office narrows the search."""
    names = ("phone", "nib", "nik", "district", "village", "size", "kbli", "section", "kind")
    return any(request.get(name) for name in names) or request.get("binaan") is not None or request["state"] != "active"


def filters_of(uow: UnitOfWork, request: dict[str, Any]) -> Filters:
    """The request's filters and the caller's scope as SQL on `e`. A NIK may also come hashed, as `nik_hash`."""
    condition, values = scope_sql("e.unit", uow, request.get("unit"))
    parts, more = [condition, " AND e.state = %s"], [request["state"]]
    for name in ("nib", "district", "village", "size", "kind"):
        if request.get(name):
            parts.append(f" AND e.{name} = %s")
            more.append(request[name])
    if request.get("kbli"):
        parts.append(" AND e.kbli >= %s AND e.kbli < %s")
        more += [request["kbli"], request["kbli"] + ":"]
    if request.get("section"):
        parts.append(
            " AND EXISTS (SELECT FROM kbli k WHERE k.version = e.kbli_version AND k.code = e.kbli AND k.section = %s)"
        )
        more.append(request["section"])
    if request.get("phone"):
        phones = list(_phones(request["phone"]))
        parts.append(" AND e.id IN (SELECT id FROM enterprise WHERE phone = ANY(%s) UNION ALL"
                     " SELECT x.id FROM enterprise x JOIN owner y ON y.id = x.owner_id WHERE y.phone = ANY(%s))")  # fmt: skip
        more += [phones, phones]
    if nik_hash := request.get("nik_hash") or (vault().hash(request["nik"]) if request.get("nik") else None):
        parts.append(" AND e.owner_id IN (SELECT id FROM owner WHERE nik_hash = %s)")
        more.append(nik_hash)
    if request.get("binaan") is not None:
        without = "" if request["binaan"] else "NOT "
        parts.append(f" AND {without}EXISTS (SELECT FROM binaan b WHERE b.enterprise = e.id AND b.until IS NULL)")
    return "".join(parts), (*values, *more)


def _phones(written: str) -> tuple[str, ...]:
    try:
        return parse_phones(written)
    except CellError as error:
        raise invalid("phone", error) from None


def _by_filters(uow: UnitOfWork, request: dict[str, Any], filters: Filters) -> dict[str, Any]:
    order, direction = _ORDERS.get(request.get("sort", ""), _ORDERS["-registered"])
    condition, values = filters
    if (position := position_of(request, _KINDS[order], UUID)) is not None:
        values = (*values, *position)
        condition += f" AND ({order}, e.id) {'>' if direction == 'ASC' else '<'} (%s, %s)"
    connection = driver_connection(uow.session.connection())
    rows = connection.execute(
        f"SELECT e.id, ({order})::text FROM enterprise e WHERE true{condition}"
        f" ORDER BY {order} {direction}, e.id {direction} LIMIT %s",
        (*values, request["limit"] + 1),
    ).fetchall()
    page = rows[: request["limit"]]
    lines = enterprise_hits(uow, [row[0] for row in page])
    mark = None
    if len(rows) > len(page):
        mark = encode_cursor(page[-1][1], page[-1][0])
    return {"items": [lines[row[0]] | {"score": None} for row in page if row[0] in lines], "next": mark}
