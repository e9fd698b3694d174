"""What an owner sees: the own enterprises, what was allowed for them, and who has looked at them.

The database shows who works as an owner nothing else (migration 0004); `theirs` says the same once more.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, text

from chassis.scope import in_scope
from chassis.unit_of_work import UnitOfWork
from services.registry.queries import relations
from services.registry.queries.enterprises import enterprise_hits, enterprise_view
from services.registry.queries.pages import page_of, position_of
from services.registry.queries.person_requests import person_request_view
from services.registry.storage.enterprises import not_found
from services.registry.storage.tables import enterprise, person_request

_LOOKS = text(
    """
    SELECT look.*, u.name AS unit_name FROM (
        SELECT id, at, enterprise, what, unit, purpose, false AS for_you FROM access_log WHERE enterprise = ANY(:ids)
        UNION ALL
        -- what owners themselves read counts where somebody read it for them
        SELECT id, at, subject::uuid, coalesce(detail ->> 'what', 'record'), unit, NULL, on_behalf_of IS NOT NULL
        FROM plut.audit
        WHERE subject = ANY(cast(:ids AS text[])) AND (action = 'enterprise.viewed'
            OR action IN ('enterprise.viewed-as-owner', 'person.export-handed-over') AND on_behalf_of IS NOT NULL)
    ) look
    LEFT JOIN unit u ON u.code = look.unit
    WHERE cast(:before AS uuid) IS NULL OR look.id < :before
    ORDER BY look.id DESC LIMIT :limit
    """
)


def theirs(uow: UnitOfWork) -> ColumnElement[bool]:
    """The condition that an enterprise is the caller's own."""
    return enterprise.c.owner_id.in_(uow.owners or ()) & in_scope(enterprise.c.unit, uow.scopes)


def require_own(uow: UnitOfWork, enterprise_id: UUID) -> None:
    """Raise `registry.enterprise-not-found` unless an enterprise is the caller's own."""
    query = select(enterprise.c.id).where(enterprise.c.id == enterprise_id, theirs(uow))
    if uow.session.execute(query).scalar() is None:
        raise not_found()


def how_asked(uow: UnitOfWork) -> str:
    """How the owner asks, as consents and requests say it: by themself, or by who helps them."""
    return "assisted" if uow.context.on_behalf_of else "portal"


def list_my_enterprises(*, uow: UnitOfWork) -> dict[str, Any]:
    """The own enterprises, merged records aside."""
    query = select(enterprise.c.id).where(theirs(uow), enterprise.c.state != "merged")
    found = enterprise_hits(uow, list(uow.session.execute(query).scalars()))
    return {"items": sorted(found.values(), key=lambda hit: (hit["name"], hit["id"]))}


def get_my_enterprise(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """One of them. That it was read is on record, so that an owner sees what is done in assisted mode."""
    require_own(uow, request["id"])
    found = enterprise_view(uow, request["id"])
    uow.audit("enterprise.viewed-as-owner", subject=request["id"], unit=found["unit"])
    return found


def list_my_consents(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """What was allowed for one of them, newest first."""
    require_own(uow, request["enterprise"])
    return relations.list_consents(uow=uow, request=request)


def list_my_requests(*, uow: UnitOfWork) -> dict[str, Any]:
    """What was asked about the own data, newest first."""
    query = select(person_request).where(
        person_request.c.owner_id.in_(uow.owners or ()), in_scope(person_request.c.unit, uow.scopes)
    )
    rows = uow.session.execute(query.order_by(person_request.c.id.desc())).all()
    return {"items": [person_request_view(uow, row) for row in rows]}


def list_my_looks(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Who has looked at them, newest first."""
    query = select(enterprise.c.id).where(theirs(uow))
    if request["enterprise"]:
        query = query.where(enterprise.c.id == request["enterprise"])
    ids = list(uow.session.execute(query).scalars())
    position = position_of(request, UUID)
    values = {"ids": ids, "before": position and position[0], "limit": request["limit"] + 1}
    rows = uow.session.execute(_LOOKS, values).mappings()
    return page_of([dict(row) for row in rows], request["limit"], lambda item: (item["id"],))
