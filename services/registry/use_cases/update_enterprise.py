"""Change an enterprise and its owner."""

from __future__ import annotations

from typing import Any

from chassis.unit_of_work import UnitOfWork
from services.registry.queries.enterprises import enterprise_view
from services.registry.storage import enterprises
from services.registry.storage.people import apply_owner
from services.registry.use_cases.enterprise_fields import apply_fields

_SEARCHED = {"name", "products", "state", "owner.name"}


def update_enterprise(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Change what is sent; where nothing differs, nothing is published and the version stays.

    The owner's other enterprises show the owner's new data as well, so each of them is published too.
    """
    found = enterprises.enterprise_of(uow, request["id"], expected_version=request["expected_version"])
    changed = apply_fields(uow, found, request)
    of_owner = {f"owner.{name}" for name in apply_owner(uow, found.owner, request.get("owner", {}))} - {
        "owner.nik_hash",
        "owner.nik_state",
    }
    changed |= {"owner.nik" if name == "owner.nik_shown" else name for name in of_owner}
    if not changed:
        return enterprise_view(uow, found.id)
    enterprises.publish_update(uow, found, sorted(changed))
    enterprises.store(uow, found, reindex=bool(changed & _SEARCHED))
    if of_owner:
        for other in enterprises.siblings(uow, found):
            enterprises.publish_update(uow, other, sorted(of_owner))
            enterprises.store(uow, other, reindex="owner.name" in changed)
    uow.audit("enterprise.updated", subject=found.id, unit=found.row["unit"], detail={"fields": sorted(changed)})
    return enterprise_view(uow, found.id)
