"""What became of an enterprise."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, text

from chassis.scope import in_scope
from chassis.unit_of_work import UnitOfWork
from services.registry.storage.enterprises import not_found
from services.registry.storage.tables import enterprise

_HISTORY = text(
    """
    SELECT registered_at AS at, 'registered' AS what, jsonb_build_object('import', import_id) AS detail
    FROM enterprise WHERE id = :id
    UNION ALL
    SELECT recorded_at, CASE WHEN rank > lag(rank) OVER w THEN 'advanced' ELSE 'measured' END,
           to_jsonb(m) - ARRAY['id', 'enterprise', 'unit', 'recorded_at', 'recorded_by', 'rank']
    FROM (SELECT *, array_position(ARRAY['micro', 'small', 'medium', 'large'], size) AS rank
          FROM measurement WHERE enterprise = :id) m
    WINDOW w AS (ORDER BY as_of, recorded_at)
    UNION ALL
    SELECT at, 'merged', jsonb_build_object('merge', id, 'kept', kept, 'other', other, 'reason', reason)
    FROM merge WHERE :id IN (kept, other)
    UNION ALL
    SELECT undone_at, 'unmerged', jsonb_build_object('merge', id, 'kept', kept, 'other', other)
    FROM merge WHERE :id IN (kept, other) AND undone_at IS NOT NULL
    UNION ALL
    SELECT given_at, 'consent', jsonb_build_object('purpose', purpose, 'partner', partner, 'given', true)
    FROM consent WHERE enterprise = :id
    UNION ALL
    SELECT withdrawn_at, 'consent', jsonb_build_object('purpose', purpose, 'partner', partner, 'given', false)
    FROM consent WHERE enterprise = :id AND withdrawn_at IS NOT NULL
    UNION ALL
    SELECT coalesce(since, (SELECT registered_at FROM enterprise WHERE id = :id)::date)::timestamptz, 'binaan',
           jsonb_build_object('unit', by_unit, 'since', since, 'until', until, 'reason', reason)
    FROM binaan WHERE enterprise = :id
    UNION ALL
    SELECT held_on::timestamptz, 'rat', to_jsonb(r) - ARRAY['enterprise', 'unit'] FROM rat r WHERE enterprise = :id
    UNION ALL
    -- a transfer is on record in both units
    SELECT DISTINCT at, CASE action WHEN 'enterprise.transferred' THEN 'transferred' ELSE 'updated' END,
           coalesce(detail, '{}') || jsonb_build_object('by', account)
    FROM plut.audit
    WHERE subject = :subject AND action IN ('enterprise.updated', 'enterprise.transferred')
    ORDER BY at DESC
    """
)


def get_enterprise_history(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """All that happened to an enterprise, newest first; naik kelas is told from the measurements."""
    query = select(enterprise.c.unit).where(enterprise.c.id == request["id"], in_scope(enterprise.c.unit, uow.scopes))
    unit = uow.session.execute(query).scalar()
    if unit is None:
        raise not_found()
    rows = uow.session.execute(_HISTORY, {"id": request["id"], "subject": str(request["id"])}).mappings()
    uow.audit("enterprise.viewed", subject=request["id"], unit=unit, detail={"what": "history"})
    return {"id": request["id"], "entries": [dict(row) for row in rows]}
