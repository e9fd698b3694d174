"""Take a merge back: both records are what they were."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, text

from chassis.scope import in_scope
from chassis.unit_of_work import UnitOfWork
from contracts.errors import PlutError
from contracts.registry import EnterpriseUnmerged
from services.registry.queries.merges import merge_view
from services.registry.storage import enterprises, tables
from services.registry.storage.json_rows import from_json, to_json
from services.registry.use_cases.merge_enterprises import MERGED


def undo_merge(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Restore both records; what a person changed in the one that stayed since the merge is left as they wrote it.

    Raises `registry.merge-not-found`, `registry.merge-undone-conflict`.
    """
    table = tables.merge
    query = select(table).where(table.c.id == request["id"], in_scope(table.c.unit, uow.scopes)).with_for_update()
    merge = uow.session.execute(query).one_or_none()
    if merge is None:
        raise PlutError("registry.merge-not-found", "There is no such merge.", "Penggabungan itu tidak ada.")
    if merge.undone_at is not None:
        raise PlutError("registry.merge-undone-conflict", "It was undone before.", "Penggabungan ini sudah dibatalkan.")
    both = enterprises.enterprises_of(uow, [merge.kept, merge.other])
    if len(both) < 2 or both[merge.other].row["merged_into"] != merge.kept:  # noqa: PLR2004 - both records
        raise PlutError(
            "registry.merge-undone-conflict",
            "Later merges stand on this one; undo those first.",
            "Ada penggabungan lain setelah ini; batalkan yang itu dahulu.",
        )
    kept, other = both[merge.kept], both[merge.other]
    for each in (kept, other):
        enterprises.refuse_erased(each)
    changed = []
    for name, choice in merge.choices.items():
        if choice["taken"] == "other":
            now = to_json({column: kept.row[column] for column in choice["other"]})
            if now == choice["other"]:
                kept.row |= from_json(tables.enterprise, choice["kept"])
                changed.append(name)
    _reload_owner(uow, kept)
    if changed:
        enterprises.publish_update(uow, kept, sorted(changed))
    before = from_json(tables.enterprise, merge.other_before)
    other.row |= {name: before[name] for name in (*MERGED, "state", "merged_into")}
    enterprises.publish(uow, other, EnterpriseUnmerged(enterprise=other.id, out_of=kept.id, merge=merge.id))
    for each in (kept, other):
        enterprises.store(uow, each, reindex=True)
    uow.session.execute(
        table.update().where(table.c.id == merge.id).values(undone_at=uow.now, undone_by=uow.context.account)
    )
    uow.session.execute(
        text(
            "UPDATE duplicate SET state = 'open', merge_id = NULL, decided_by = NULL, decided_at = NULL WHERE merge_id = :id"
        ),
        {"id": merge.id},
    )
    uow.audit("enterprise.unmerged", subject=other.id, unit=merge.unit, detail={"merge": str(merge.id)})
    return merge_view(uow, merge.id)


def _reload_owner(uow: UnitOfWork, found: enterprises.Enterprise) -> None:
    if found.owner["id"] != found.row["owner_id"]:
        query = select(tables.owner).where(tables.owner.c.id == found.row["owner_id"]).with_for_update()
        found.owner = dict(uow.session.execute(query).mappings().one())
