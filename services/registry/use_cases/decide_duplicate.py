"""A person decides whether two records are one business."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.scope import in_scope
from chassis.unit_of_work import UnitOfWork
from contracts.errors import PlutError
from services.registry.queries.merges import duplicate_views
from services.registry.storage import enterprises, tables
from services.registry.use_cases.merge_enterprises import merge_enterprises


def decide_duplicate(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """`same` merges the newer record into the older; `different` closes the pair for good."""
    table = tables.duplicate
    query = select(table).where(table.c.id == request["id"], in_scope(table.c.unit, uow.scopes)).with_for_update()
    pair = uow.session.execute(query).one_or_none()
    if pair is None:
        raise PlutError("registry.duplicate-not-found", "There is no such pair.", "Pasangan itu tidak ada.")
    if pair.state != "open":
        raise PlutError(
            "registry.duplicate-decided-conflict", "It was decided before.", "Pasangan ini sudah diputuskan."
        )
    if request["decision"] == "same":
        both = enterprises.enterprises_of(uow, [pair.enterprise, pair.other])
        if len(both) < 2:  # noqa: PLR2004 - both records
            raise enterprises.not_found()
        merging = {
            "id": pair.other,
            "expected_version": both[pair.other].row["version"],
            "other": pair.enterprise,
            "other_version": both[pair.enterprise].row["version"],
            "take": request["take"],
        }
        merge_enterprises(uow=uow, request=merging)
    else:
        decided = {"state": "different", "decided_by": uow.context.account, "decided_at": uow.now}
        uow.session.execute(table.update().where(table.c.id == pair.id).values(decided))
    uow.audit("duplicate.decided", subject=pair.enterprise, unit=pair.unit, detail={"decision": request["decision"]})
    row = uow.session.execute(select(table).where(table.c.id == pair.id)).mappings().one()
    return duplicate_views(uow, [dict(row)])[0]
