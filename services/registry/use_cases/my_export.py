"""An owner asks for what is known about them, and gets it, without an officer."""

from __future__ import annotations

from typing import Any

from chassis.unit_of_work import UnitOfWork
from services.registry.queries.my import how_asked, require_own
from services.registry.queries.person_requests import person_request_of
from services.registry.use_cases.hand_over_person_data import hand_over_person_data
from services.registry.use_cases.request_person_data import request_person_export


def request_my_export(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Raises what `request_person_export` raises; also for an enterprise that is somebody else's."""
    require_own(uow, request["enterprise"])
    return request_person_export(uow=uow, request={"enterprise": request["enterprise"], "how": how_asked(uow)})


def get_my_file(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Raises what `hand_over_person_data` raises; also for a request that is somebody else's."""
    require_own(uow, person_request_of(uow, request["id"]).enterprise)
    return hand_over_person_data(
        uow=uow, request={"id": request["id"], "purpose": f"fetched by the owner ({how_asked(uow)})"}
    )
