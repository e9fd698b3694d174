"""Events about enterprises, made from their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from contracts.registry import Contact, EnterpriseUpdated


def contact(enterprise: Mapping[str, Any], owner: Mapping[str, Any]) -> Contact:
    """Whom to reach: the owner, by the business's phone and e-mail where the owner has none."""
    return Contact(
        name=owner["name"] or enterprise["name"],
        phone=owner["phone"] or enterprise["phone"],
        email=owner["email"] or enterprise["email"],
    )


def updated(
    enterprise: Mapping[str, Any], owner: Mapping[str, Any], fields: Sequence[str], job: UUID | None = None
) -> EnterpriseUpdated:
    """The state of an enterprise after a change of `fields`."""
    return EnterpriseUpdated(
        enterprise=enterprise["id"],
        owner=enterprise["owner_id"],
        fields=tuple(fields),
        business=enterprise["name"],
        kind=enterprise["kind"],
        district=enterprise["district"],
        village=enterprise["village"],
        kbli=enterprise["kbli"],
        kbli_version=enterprise["kbli_version"],
        job=job,
        contact=contact(enterprise, owner),
    )
