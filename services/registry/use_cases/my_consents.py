"""An owner allows a purpose, or takes it back: the officers' way, for what is the owner's own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.unit_of_work import UnitOfWork
from services.registry.queries.my import how_asked, require_own, theirs
from services.registry.storage.tables import consent, enterprise
from services.registry.use_cases.give_consent import give_consent
from services.registry.use_cases.withdraw_consent import no_such_consent, withdraw_consent


def give_my_consent(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Raises what `give_consent` raises; also for an enterprise that is somebody else's."""
    require_own(uow, request["enterprise"])
    return give_consent(uow=uow, request=request | {"how": how_asked(uow)})


def withdraw_my_consent(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Raises what `withdraw_consent` raises; also for a consent that is somebody else's."""
    query = select(enterprise.c.id).join(consent, consent.c.enterprise == enterprise.c.id)
    if uow.session.execute(query.where(consent.c.id == request["id"], theirs(uow))).scalar() is None:
        raise no_such_consent()
    return withdraw_consent(uow=uow, request=request | {"how": how_asked(uow)})
