"""Merges and pairs that may be one business."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, tuple_

from chassis.scope import in_scope
from chassis.unit_of_work import UnitOfWork
from services.registry.queries.enterprises import enterprise_hits
from services.registry.queries.pages import page_of, position_of
from services.registry.storage.tables import duplicate, merge

_MERGE = [merge.c[name] for name in ("id", "unit", "kept", "other", "choices", "by", "at", "undone_at", "kept_version")]


def merge_view(uow: UnitOfWork, merge_id: UUID) -> dict[str, Any]:
    """One merge."""
    return dict(uow.session.execute(select(*_MERGE).where(merge.c.id == merge_id)).mappings().one())


def list_merges(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Merges, newest first."""
    query = select(*_MERGE).where(in_scope(merge.c.unit, uow.scopes)).order_by(merge.c.id.desc())
    if request.get("unit"):
        query = query.where(in_scope(merge.c.unit, [request["unit"]]))
    if request.get("enterprise"):
        query = query.where(or_(merge.c.kept == request["enterprise"], merge.c.other == request["enterprise"]))
    if (position := position_of(request, UUID)) is not None:
        query = query.where(merge.c.id < position[0])
    rows = uow.session.execute(query.limit(request["limit"] + 1)).mappings()
    return page_of([dict(row) for row in rows], request["limit"], lambda item: (item["id"],))


def list_duplicates(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Pairs, most alike first."""
    query = (
        select(duplicate)
        .where(in_scope(duplicate.c.unit, uow.scopes), duplicate.c.state == request["state"])
        .order_by(duplicate.c.score.desc(), duplicate.c.id.desc())
    )
    if request.get("unit"):
        query = query.where(in_scope(duplicate.c.unit, [request["unit"]]))
    if request.get("enterprise"):
        query = query.where(
            or_(duplicate.c.enterprise == request["enterprise"], duplicate.c.other == request["enterprise"])
        )
    if (position := position_of(request, float, UUID)) is not None:
        query = query.where(tuple_(duplicate.c.score, duplicate.c.id) < position)
    rows = [dict(row) for row in uow.session.execute(query.limit(request["limit"] + 1)).mappings()]
    page = page_of(rows, request["limit"], lambda item: (item["score"], item["id"]))
    page["items"] = duplicate_views(uow, page["items"])
    return page


def duplicate_views(uow: UnitOfWork, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Pairs with a line of each record."""
    lines = enterprise_hits(uow, [row[side] for row in rows for side in ("enterprise", "other")])
    names = ("id", "unit", "state", "score", "reasons", "decided_by", "decided_at")
    return [
        {name: row[name] for name in names} | {side: lines.get(row[side]) for side in ("enterprise", "other")}
        for row in rows
    ]
