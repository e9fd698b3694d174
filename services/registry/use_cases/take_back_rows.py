"""Take an import back, chunk by chunk, from its last row to its first.

What it made is removed, what it filled is emptied again. A record on which something has been built since (a change, a
consent, a merge, another import's row) stays as it is and is listed with the reason.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from chassis.database import driver_connection
from chassis.jobs import Work
from chassis.unit_of_work import UnitOfWork
from contracts.registry import EnterpriseRemoved
from services.registry.storage.search_index import remove_entries
from services.registry.storage.tables import imports
from services.registry.use_cases.empty_blanks import empty_blanks
from services.registry.use_cases.import_jobs import early_end_told, import_at_work
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
    with early_end_told(work, import_id):
        return _undo(work, import_id)


def _undo(work: Work, import_id: UUID) -> dict[str, Any]:
    with work.unit_of_work() as uow:
        import_ = import_at_work(uow, import_id)
        left = import_.done
    while left > 0:
        work.progress(import_.rows - left, import_.rows, "taking back")
        with work.unit_of_work() as uow:
            import_ = import_at_work(uow, import_id)
            left = max(0, import_.done - CHUNK)
            kept = _take_back(uow, import_, left)
            changes = {"done": left, "kept": [*import_.kept, *kept][:_KEPT_SHOWN], "version": imports.c.version + 1}
            uow.session.execute(imports.update().where(imports.c.id == import_id).values(changes))
    with work.unit_of_work() as uow:
        ended = {"state": "undone", "finished_at": uow.now, "taken": False, "version": imports.c.version + 1}
        uow.session.execute(imports.update().where(imports.c.id == import_id).values(ended))
        import_ = import_at_work(uow, import_id)
    return {"import": str(import_id), "kept": len(import_.kept)}


def _take_back(uow: UnitOfWork, import_: Any, after: int) -> list[dict[str, Any]]:
    """Undo the rows with numbers above `after`, up to the mark; returns those that stay, with the reason."""
    connection = driver_connection(uow.session.connection())
    kept = [_kept(row, "changed") for row in empty_blanks(uow=uow, import_=import_, after=after)]
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
