"""Empty what an import's rows have filled in records of others: the way back from `fill_blanks`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from chassis.database import driver_connection
from chassis.unit_of_work import UnitOfWork
from services.registry.storage import enterprises
from services.registry.storage.enterprises import Enterprise

#: The known record that a row repeats, as `KeptRow.repeats` says it.
_REPEATED = "CASE r.outcome WHEN 'review' THEN r.candidate ELSE r.enterprise END"
_FILLED = f"""
SELECT r.number, r.sheet, r.row, r.before, r.version, {_REPEATED} AS id FROM import_row r
WHERE r.import_id = %s AND r.number > %s AND r.number <= %s AND r.before IS NOT NULL ORDER BY r.number DESC
"""
_HANDLED = "UPDATE import_row SET before = NULL, version = NULL WHERE import_id = %s AND number = ANY(%s)"
#: Rows further up may have filled the same record: what has been emptied here is no change of somebody else's.
_OUR_OWN_CHANGE = f"""
UPDATE import_row r SET version = d.version FROM unnest(%s::uuid[], %s::int[]) AS d (enterprise, version)
WHERE r.import_id = %s AND r.number <= %s AND r.before IS NOT NULL AND {_REPEATED} = d.enterprise
"""


def empty_blanks(*, uow: UnitOfWork, import_: Any, after: int) -> list[dict[str, Any]]:
    """Empty again what the rows above `after`, up to the import's mark, have filled in; one event for each record.

    Returns the rows whose record has been changed since by somebody: there nothing is touched.
    """
    connection = driver_connection(uow.session.connection())
    filled, there = _filled(uow, connection, import_, after)
    last: dict[UUID, int] = {}
    for row in filled:
        last[row["id"]] = max(row["version"], last.get(row["id"], 0))
    changed: list[dict[str, Any]] = []
    handled: list[int] = []
    emptied: dict[UUID, set[str]] = {}
    for row in filled:
        found = there.get(row["id"])
        if found is None or found.row["import_id"] == import_.id:
            continue
        if found.row["version"] not in {found.row["import_version"], last[row["id"]]}:
            changed.append(row)
            continue
        handled.append(row["number"])
        if names := _empty(found, row["before"]):
            emptied.setdefault(found.id, set()).update(names)
    _store(uow, [(there[each], names) for each, names in emptied.items()])
    connection.execute(_HANDLED, (import_.id, handled))
    versions = [there[each].row["version"] for each in emptied]
    connection.execute(_OUR_OWN_CHANGE, (list(emptied), versions, import_.id, after))
    return changed


def _filled(
    uow: UnitOfWork, connection: psycopg.Connection[Any], import_: Any, after: int
) -> tuple[list[dict[str, Any]], dict[UUID, Enterprise]]:
    """Rows that have filled something in, the last first, and the records in which they did, locked."""
    with connection.cursor(row_factory=dict_row, binary=True) as cursor:
        rows = cursor.execute(_FILLED, (import_.id, after, import_.done)).fetchall()
    return rows, enterprises.enterprises_of(uow, [row["id"] for row in rows]) if rows else {}


def _empty(found: Enterprise, before: dict[str, Any]) -> set[str]:
    """Empty the fields that still hold what the row had filled in; returns which, the owner's as `owner.phone`."""
    emptied = set()
    for name, value in before.items():
        of, column = (found.owner, name.removeprefix("owner.")) if name.startswith("owner.") else (found.row, name)
        if of[column] == value:
            of[column] = None
            emptied.add(name)
    return emptied


def _store(uow: UnitOfWork, emptied: Sequence[tuple[Enterprise, set[str]]]) -> None:
    for found, names in emptied:
        if found.row["import_version"] == found.row["version"]:
            found.row["import_version"] += 1
        enterprises.publish_update(uow, found, sorted(names))
        enterprises.store(uow, found, reindex="products" in names)
