"""Take a consent back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.scope import in_scope
from chassis.unit_of_work import UnitOfWork
from contracts.errors import PlutError
from contracts.registry import ConsentWithdrawn
from services.registry.queries.relations import consent_view
from services.registry.storage import enterprises, tables


def withdraw_consent(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """One that is withdrawn already is answered as it is. Raises `registry.consent-not-found`."""
    table = tables.consent
    query = select(table.c.enterprise).where(table.c.id == request["id"], in_scope(table.c.unit, uow.scopes))
    enterprise_id = uow.session.execute(query).scalar()
    if enterprise_id is None:
        raise no_such_consent()
    found = enterprises.enterprise_of(uow, enterprise_id, active=False)
    withdrawn = uow.session.execute(
        table.update()
        .where(table.c.id == request["id"], table.c.withdrawn_at.is_(None))
        .values(withdrawn_at=uow.now, withdrawn_how=request["how"], withdrawn_by=uow.context.account)
        .returning(table.c.purpose, table.c.partner)
    ).one_or_none()
    if withdrawn is not None:
        event = ConsentWithdrawn(
            enterprise=found.id,
            consent=request["id"],
            purpose=withdrawn.purpose,
            partner=withdrawn.partner,
            withdrawn_at=uow.now,
        )
        enterprises.publish(uow, found, event)
        enterprises.store(uow, found)
        uow.audit("consent.withdrawn", subject=found.id, unit=found.row["unit"], detail={"purpose": withdrawn.purpose})
    return consent_view(uow, request["id"])


def no_such_consent() -> PlutError:
    """There is none, or none that the caller may see."""
    return PlutError("registry.consent-not-found", "There is no such consent.", "Persetujuan itu tidak ada.")
