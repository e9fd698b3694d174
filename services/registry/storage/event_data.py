"""Events about enterprises, made from their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from contracts.registry import Contact, EnterpriseClassified, EnterpriseUpdated
from services.registry.domain.size import Classification, Size

_SIZES: Final = {size: size.name.lower() for size in Size}


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


def class_columns(result: Classification | None) -> tuple[str | None, ...]:
    """A classification as the columns size, criterion, by_capital, by_sales, rule of a measurement."""
    if result is None:
        return (None,) * 5
    by_capital, by_sales = (
        None if size is None else _SIZES[size] for size in (result.capital_class, result.sales_class)
    )
    return _SIZES[result.size], result.criterion, by_capital, by_sales, result.source


def classified(result: Classification, enterprise: UUID, job: UUID | None = None) -> EnterpriseClassified:
    """A classification as the event that tells of it."""
    size, criterion, by_capital, by_sales, _ = class_columns(result)
    return EnterpriseClassified(
        enterprise=enterprise,
        size=size,  # type: ignore[arg-type]
        criterion=criterion,  # type: ignore[arg-type]
        as_of=result.as_of,
        by_capital=by_capital,  # type: ignore[arg-type]
        by_sales=by_sales,  # type: ignore[arg-type]
        disagrees=result.disagrees,
        job=job,
    )
