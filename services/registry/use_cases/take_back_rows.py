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
from chassis.jobs import Work
from chassis.unit_of_work import UnitOfWork
from contracts.registry import EnterpriseRemoved
from services.registry.storage import enterprises
from services.registry.storage.search_index import remove_entries
from services.registry.storage.tables import import_row, imports
from services.registry.use_cases.take_in_rows import CHUNK

_KEPT_SHOWN = 1_000
_REASONS = {
    "changed": ("Data sudah diubah setelah impor.", "It was changed after the import."),
    "merged": ("Data sudah digabung dengan data lain.", "It was merged with another record."),
    "other_import": ("Impor lain memuat usaha yang sama.", "Another import has the same business."),
}


def undo_import(*, work: Work) -> dict[str, Any]:
    """The job's whole course; returns how many records were removed, restored and kept."""
    import_id = UUID(work.params["import"])
    with work.unit_of_work() as uow:
        import_ = _import(uow, import_id)
        left = import_.done
    while left > 0:
        work.progress(import_.rows - left, import_.rows, "taking back")
        with work.unit_of_work() as uow:
            import_ = _import(uow, import_id)
            kept = _take_back(uow, import_, import_.done - CHUNK)
            left = max(0, import_.done - CHUNK)
            changes = {"done": left, "kept": [*import_.kept, *kept][:_KEPT_SHOWN], "version": imports.c.version + 1}
            uow.session.execute(imports.update().where(imports.c.id == import_id).values(changes))
    with work.unit_of_work() as uow:
        ended = {"state": "undone", "finished_at": uow.now, "taken": False, "version": imports.c.version + 1}
        uow.session.execute(imports.update().where(imports.c.id == import_id).values(ended))
        # only now: until here `version` tells a change of this import's own from somebody else's
        uow.session.execute(
            import_row.update()
            .where(import_row.c.import_id == import_id, import_row.c.before.is_not(None))
            .values(before=None, version=None)
        )
        import_ = _import(uow, import_id)
    return {"import": str(import_id), "kept": len(import_.kept)}


def _import(uow: UnitOfWork, import_id: UUID) -> Any:
    row = uow.session.execute(select(imports).where(imports.c.id == import_id)).one()
    uow.require_scope(row.unit)
    return row


def _take_back(uow: UnitOfWork, import_: Any, after: int) -> list[dict[str, Any]]:
    """Undo the rows with numbers above `after`; returns those that stay, with the reason."""
    connection = driver_connection(uow.session.connection())
    kept = _empty_again(uow, connection, import_, after)
    with connection.cursor(row_factory=dict_row, binary=True) as cursor:
        made = cursor.execute(_MADE, {"id": import_.id, "after": after}).fetchall()
    removed = []
    for row in made:
        reason = _built_on(row)
        if reason is None:
            removed.append(row)
        else:
            kept.append(_kept(row, reason))
    _remove(uow, connection, import_, removed)
    return kept


_MADE = """
SELECT r.number, r.sheet, r.row, e.id, e.unit, e.version, e.state, e.owner_id,
       coalesce((SELECT max(f.version) FROM import_row f WHERE f.import_id = r.import_id AND f.version IS NOT NULL
                 AND coalesce(f.candidate, f.enterprise) = e.id),
                CASE WHEN EXISTS (SELECT FROM measurement m WHERE m.enterprise = e.id AND m.size IS NOT NULL
                                  AND m.source = 'import') THEN 2 ELSE 1 END) AS left_at,
       EXISTS (SELECT FROM enterprise x WHERE x.merged_into = e.id) AS has_merged,
       x.enterprise IS NOT NULL AS is_imported_again
FROM import_row r
JOIN enterprise e ON e.id = r.enterprise AND e.import_id = r.import_id
LEFT JOIN (SELECT DISTINCT o.enterprise FROM import_row o JOIN import i ON i.id = o.import_id
           WHERE i.unit = (SELECT unit FROM import WHERE id = %(id)s) AND i.id <> %(id)s AND i.taken
             AND i.sha256 <> (SELECT sha256 FROM import WHERE id = %(id)s) AND o.outcome = 'same') x ON x.enterprise = e.id
WHERE r.import_id = %(id)s AND r.number > %(after)s AND r.outcome IN ('new', 'review')
ORDER BY e.id
FOR UPDATE OF e
"""


def _built_on(row: dict[str, Any]) -> str | None:
    if row["state"] == "merged" or row["has_merged"]:
        return "merged"
    if row["version"] != row["left_at"]:
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
            " FROM import_row r WHERE r.import_id = %s AND r.number > %s AND r.before IS NOT NULL ORDER BY r.number DESC",
            (import_.id, after),
        ).fetchall()
    there = enterprises.enterprises_of(uow, [row["id"] for row in filled]) if filled else {}
    last: dict[UUID, int] = {}
    for row in filled:
        last[row["id"]] = max(row["version"], last.get(row["id"], 0))
    kept: list[dict[str, Any]] = []
    emptied: dict[UUID, tuple[enterprises.Enterprise, set[str]]] = {}
    for row in filled:
        found = there.get(row["id"])
        if found is None or found.row["import_id"] == import_.id:
            continue
        if found.row["version"] != last[row["id"]]:
            kept.append(_kept(row, "changed"))
            continue
        for name, value in row["before"].items():
            of, column = (found.owner, name.removeprefix("owner.")) if name.startswith("owner.") else (found.row, name)
            if of[column] == value:
                of[column] = None
                emptied.setdefault(found.id, (found, set()))[1].add(name)
    for found, names in emptied.values():
        enterprises.publish_update(uow, found, sorted(names))
        enterprises.store(uow, found, reindex="products" in names)
    return kept
