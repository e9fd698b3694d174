"""Write down capital, sales and workers of a day."""

from __future__ import annotations

from typing import Any

from chassis.unit_of_work import UnitOfWork
from contracts.errors import INVALID_REQUEST, PlutError
from services.registry.queries.enterprises import enterprise_view
from services.registry.storage import enterprises
from services.registry.use_cases.measuring import measure


def record_measurement(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Keep the measurement; the size class and naik kelas follow. Raises `invalid-request` for a day to come."""
    found = enterprises.enterprise_of(uow, request["id"], expected_version=request.get("expected_version"))
    if request["as_of"] > uow.now.date():
        raise PlutError(
            INVALID_REQUEST,
            "That day has not come yet.",
            "Tanggal itu belum tiba.",
            fields={"as_of": ["Tanggal itu belum tiba.", "That day has not come yet."]},
        )
    measure(uow, found, request, as_of=request["as_of"], source=request["source"])
    enterprises.store(uow, found)
    uow.audit("enterprise.measured", subject=found.id, unit=found.row["unit"])
    return enterprise_view(uow, found.id)
