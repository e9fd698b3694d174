"""What hangs on an enterprise: consents, binaan, a cooperative's figures, looks at personal numbers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis.scope import in_scope
from chassis.unit_of_work import UnitOfWork
from contracts.errors import PlutError
from services.registry.queries.pages import page_of, position_of
from services.registry.storage.enterprises import not_found
from services.registry.storage.tables import access_log, binaan, consent, cooperative, enterprise, rat

_CONSENT = [column for column in consent.c if column.name not in ("unit", "withdrawn_how", "withdrawn_by")]
_BINAAN = [
    *(column for column in binaan.c if column.name not in ("import_id", "unit", "by_unit")),
    binaan.c.by_unit.label("unit"),
]


def consent_view(uow: UnitOfWork, consent_id: UUID) -> dict[str, Any]:
    """One consent."""
    return dict(uow.session.execute(select(*_CONSENT).where(consent.c.id == consent_id)).mappings().one())


def list_consents(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Consents of an enterprise, newest first."""
    _require(uow, request["enterprise"])
    query = select(*_CONSENT).where(consent.c.enterprise == request["enterprise"]).order_by(consent.c.given_at.desc())
    return {"items": [dict(row) for row in uow.session.execute(query).mappings()]}


def binaan_view(uow: UnitOfWork, binaan_id: UUID) -> dict[str, Any]:
    """One stretch of time."""
    return dict(uow.session.execute(select(*_BINAAN).where(binaan.c.id == binaan_id)).mappings().one())


def list_binaan(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Which units accompanied an enterprise, newest first."""
    _require(uow, request["enterprise"])
    query = select(*_BINAAN).where(binaan.c.enterprise == request["enterprise"]).order_by(binaan.c.id.desc())
    return {"items": [dict(row) for row in uow.session.execute(query).mappings()]}


def get_cooperative(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """A cooperative's own figures; raises `registry.cooperative-not-found`."""
    _require(uow, request["enterprise"])
    return cooperative_view(uow, request["enterprise"])


def cooperative_view(uow: UnitOfWork, enterprise_id: UUID) -> dict[str, Any]:
    """The same by id."""
    query = select(cooperative).where(cooperative.c.enterprise == enterprise_id)
    row = uow.session.execute(query).mappings().one_or_none()
    if row is None:
        raise PlutError(
            "registry.cooperative-not-found", "Nothing is known of it as a cooperative.", "Data koperasinya belum ada."
        )
    meetings = select(rat).where(rat.c.enterprise == enterprise_id).order_by(rat.c.year.desc())
    names = ("year", "held_on", "present", "members", "surplus")
    return dict(row) | {
        "rat": [{name: meeting[name] for name in names} for meeting in uow.session.execute(meetings).mappings()]
    }


def list_access_log(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Who looked at personal numbers, newest first."""
    query = select(access_log).where(in_scope(access_log.c.unit, uow.scopes)).order_by(access_log.c.id.desc())
    if request.get("unit"):
        query = query.where(in_scope(access_log.c.unit, [request["unit"]]))
    if request.get("enterprise"):
        query = query.where(access_log.c.enterprise == request["enterprise"])
    if (position := position_of(request, UUID)) is not None:
        query = query.where(access_log.c.id < position[0])
    rows = uow.session.execute(query.limit(request["limit"] + 1)).mappings()
    return page_of([dict(row) for row in rows], request["limit"], lambda item: (item["id"],))


def _require(uow: UnitOfWork, enterprise_id: UUID) -> None:
    query = select(enterprise.c.id).where(enterprise.c.id == enterprise_id, in_scope(enterprise.c.unit, uow.scopes))
    if uow.session.execute(query).scalar() is None:
        raise not_found()
