"""Take an import back, chunk by chunk, from its last row to its first.

What it made is removed, what it filled is emptied again. A record on which something has been built since (a change, a
consent, a merge, another import's row) stays as it is and is listed with the reason.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row
from sqlalchemy import select

from chassis.database import driver_connection
from chassis.database_errors import is_away
from chassis.jobs import Interrupted, JobStopped, Superseded, Work
from chassis.rpc import as_problem
from chassis.unit_of_work import UnitOfWork
from contracts.registry import EnterpriseRemoved
from services.registry.storage import enterprises
from services.registry.storage.search_index import remove_entries
from services.registry.storage.tables import imports
from services.registry.use_cases.import_jobs import end_early, kept_error
from services.registry.use_cases.take_in_rows import CHUNK

_KEPT_SHOWN = 1_000
_REASONS = {
    "changed": ("Data sudah diubah setelah impor.", "It was changed after the import."),
    "merged": ("Data sudah digabung dengan data lain.", "It was merged with another record."),
    "other_import": ("Impor lain memuat usaha yang sama.", "Another import has the same business."),
}


def undo_import(*, work: Work) -> dict[str, Any]:
    """The job's whole course; returns how many rows stay."""
    import_id = UUID(work.params["import"])
    try:
        return _undo(work, import_id)
    except JobStopped:
        end_early(work, import_id, "stopped")
        raise
    except (Interrupted, Superseded):
        raise
    except Exception as error:
        if not is_away(error):
            end_early(work, import_id, "failed", error=kept_error(as_problem(error)))
        raise


def _undo(work: Work, import_id: UUID) -> dict[str, Any]:
    with work.unit_of_work() as uow:
        import_ = _import(uow, import_id)
        left = import_.done
    while left > 0:
        work.progress(import_.rows - left, import_.rows, "taking back")
        with work.unit_of_work() as uow:
            import_ = _import(uow, import_id)
            left = max(0, import_.done - CHUNK)
            kept = _take_back(uow, import_, left)
            changes = {"done": left, "kept": [*import_.kept, *kept][:_KEPT_SHOWN], "version": imports.c.version + 1}
            uow.session.execute(imports.update().where(imports.c.id == import_id).values(changes))
    with work.unit_of_work() as uow:
        ended = {"state": "undone", "finished_at": uow.now, "taken": False, "version": imports.c.version + 1}
        uow.session.execute(imports.update().where(imports.c.id == import_id).values(ended))
        import_ = _import(uow, import_id)
    return {"import": str(import_id), "kept": len(import_.kept)}


def _import(uow: UnitOfWork, import_id: UUID) -> Any:
    row = uow.session.execute(select(imports).where(imports.c.id == import_id)).one()
    uow.require_scope(row.unit)
    return row


def _take_back(uow: UnitOfWork, import_: Any, after: int) -> list[dict[str, Any]]:
    """Undo the rows with numbers above `after`, up to the mark; returns those that stay, with the reason."""
    connection = driver_connection(uow.session.connection())
    kept = _empty_again(uow, connection, import_, after)
    removed = []
    for row in _made(connection, import_, after):
        reason = _built_on(row)
        if reason is None:
            removed.append(row)
        else:
            kept.append(_kept(row, reason))
    _remove(uow, connection, import_, removed)
    return kept


#: Flat queries, put together in Python: as one statement its estimates, from before the import, had it look through all
#: rows of the import for each of them, and 75,000 were never taken back.
_MADE = """
SELECT r.number, r.sheet, r.row, e.id, e.unit, e.version, e.import_version, e.state, e.owner_id
FROM import_row r
JOIN enterprise e ON e.id = r.enterprise AND e.import_id = r.import_id
WHERE r.import_id = %(id)s AND r.number > %(after)s AND r.number <= %(done)s AND r.outcome IN ('new', 'review')
ORDER BY e.id
FOR UPDATE OF e
"""
_MERGED_INTO = "SELECT merged_into FROM enterprise WHERE merged_into = ANY(%(made)s)"
_IMPORTED_AGAIN = """
SELECT DISTINCT o.enterprise FROM import_row o JOIN import i ON i.id = o.import_id
WHERE i.unit = %(unit)s AND i.id <> %(id)s AND i.taken AND i.sha256 <> %(sha256)s AND o.outcome = 'same'
  AND o.enterprise = ANY(%(made)s)
"""


def _made(connection: psycopg.Connection[Any], import_: Any, after: int) -> list[dict[str, Any]]:
    """What the rows above `after` have made, locked, with what tells whether something has been built on it since."""
    values = {"id": import_.id, "after": after, "done": import_.done, "unit": import_.unit, "sha256": import_.sha256}
    with connection.cursor(row_factory=dict_row, binary=True) as cursor:
        made = cursor.execute(_MADE, values).fetchall()
    values["made"] = [row["id"] for row in made]

    def found(query: str) -> list[Any]:
        return connection.execute(query, values).fetchall()

    merged_into = {enterprise for (enterprise,) in found(_MERGED_INTO)}
    imported_again = {enterprise for (enterprise,) in found(_IMPORTED_AGAIN)}
    for row in made:
        row["has_merged"] = row["id"] in merged_into
        row["is_imported_again"] = row["id"] in imported_again
    return made


def _built_on(row: dict[str, Any]) -> str | None:
    if row["state"] == "merged" or row["has_merged"]:
        return "merged"
    if row["version"] != row["import_version"]:
        return "changed"
    return "other_import" if row["is_imported_again"] else None


def _kept(row: dict[str, Any], reason: str) -> dict[str, Any]:
    text_id, text_en = _REASONS[reason]
    return {
        "sheet": row["sheet"], "row": row["row"], "enterprise": str(row["id"]), "code": reason, "id": text_id, "en": text_en,
    }  # fmt: skip


def _remove(uow: UnitOfWork, connection: psycopg.Connection[Any], import_: Any, rows: list[dict[str, Any]]) -> None:
    ids = [row["id"] for row in rows]
    if not ids:
        return
    remove_entries(connection, ids)
    for table, column in (
        ("measurement", "enterprise"), ("binaan", "enterprise"), ("duplicate", "enterprise"), ("duplicate", "other"),
        ("enterprise", "id"),
    ):  # fmt: skip
        connection.execute(f"DELETE FROM {table} WHERE {column} = ANY(%s)", (ids,))
    connection.execute(
        "DELETE FROM owner o WHERE id = ANY(%s) AND NOT EXISTS (SELECT FROM enterprise e WHERE e.owner_id = o.id)",
        (sorted({row["owner_id"] for row in rows}),),
    )
    uow.publish_many(
        (EnterpriseRemoved(enterprise=row["id"], job=import_.id), row["id"], row["unit"], row["version"] + 1)
        for row in rows
    )


def _empty_again(
    uow: UnitOfWork, connection: psycopg.Connection[Any], import_: Any, after: int
) -> list[dict[str, Any]]:
    """Empty what rows have filled in records of others; where those have changed since, nothing is touched."""
    with connection.cursor(row_factory=dict_row, binary=True) as cursor:
        filled = cursor.execute(
            "SELECT r.number, r.sheet, r.row, r.before, r.version,"
            " CASE r.outcome WHEN 'review' THEN r.candidate ELSE r.enterprise END AS id"
            " FROM import_row r WHERE r.import_id = %s AND r.number > %s AND r.number <= %s AND r.before IS NOT NULL"
            " ORDER BY r.number DESC",
            (import_.id, after, import_.done),
        ).fetchall()
    there = enterprises.enterprises_of(uow, [row["id"] for row in filled]) if filled else {}
    last: dict[UUID, int] = {}
    for row in filled:
        last[row["id"]] = max(row["version"], last.get(row["id"], 0))
    kept: list[dict[str, Any]] = []
    handled: list[int] = []
    emptied: dict[UUID, tuple[enterprises.Enterprise, set[str]]] = {}
    for row in filled:
        found = there.get(row["id"])
        if found is None or found.row["import_id"] == import_.id:
            continue
        if found.row["version"] not in {found.row["import_version"], last[row["id"]]}:
            kept.append(_kept(row, "changed"))
            continue
        handled.append(row["number"])
        for name, value in row["before"].items():
            of, column = (found.owner, name.removeprefix("owner.")) if name.startswith("owner.") else (found.row, name)
            if of[column] == value:
                of[column] = None
                emptied.setdefault(found.id, (found, set()))[1].add(name)
    for found, names in emptied.values():
        if found.row["import_version"] == found.row["version"]:
            found.row["import_version"] += 1
        enterprises.publish_update(uow, found, sorted(names))
        enterprises.store(uow, found, reindex="products" in names)
    connection.execute(_HANDLED, (import_.id, handled))
    connection.execute(
        _OUR_OWN_CHANGE, (list(emptied), [found.row["version"] for found, _ in emptied.values()], import_.id, after)
    )
    return kept


_HANDLED = "UPDATE import_row SET before = NULL, version = NULL WHERE import_id = %s AND number = ANY(%s)"
#: Rows further up may have filled the same record: what has been emptied here is no change of somebody else's.
_OUR_OWN_CHANGE = """
UPDATE import_row r SET version = d.version FROM unnest(%s::uuid[], %s::int[]) AS d (enterprise, version)
WHERE r.import_id = %s AND r.number <= %s AND r.before IS NOT NULL
  AND CASE r.outcome WHEN 'review' THEN r.candidate ELSE r.enterprise END = d.enterprise
"""
