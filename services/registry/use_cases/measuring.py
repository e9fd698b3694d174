"""What a measurement does to an enterprise: its size class, and perhaps naik kelas."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping, select

from chassis.unit_of_work import UnitOfWork
from contracts.registry import EnterpriseAdvanced
from services.registry.domain.size import Classification, Size, classify, has_advanced
from services.registry.storage import enterprises
from services.registry.storage.enterprises import Enterprise
from services.registry.storage.event_data import class_columns, classified
from services.registry.storage.tables import measurement as table

FIGURES = ("capital", "sales", "workers")


def measure(uow: UnitOfWork, found: Enterprise, figures: Mapping[str, Any], *, as_of: dt.date, source: str) -> None:
    """Keep a measurement. Where it is the latest, the class follows it, and a rise is published.

    A figure that isn't given is taken over from the measurement before, so that the class doesn't forget the capital
    when only sales were asked for.
    """
    before = _latest(uow, found)
    known = {name: figures.get(name) for name in FIGURES}
    is_latest = before is None or as_of >= before["as_of"]
    result = _classify(found, {name: _carried(name, known, before if is_latest else None) for name in FIGURES}, as_of)
    size, criterion, by_capital, by_sales, rule = class_columns(result)
    row = {
        "id": uow.new_id(),
        "enterprise": found.id,
        "unit": found.row["unit"],
        **{name: _carried(name, known, before if is_latest else None) for name in FIGURES},
        "as_of": as_of,
        "source": source,
        "size": size,
        "criterion": criterion,
        "by_capital": by_capital,
        "by_sales": by_sales,
        "rule": rule,
        "recorded_at": uow.now,
        "recorded_by": uow.context.account,
    }
    uow.session.execute(table.insert(), row)
    if not is_latest:
        return
    old = found.row["size"]
    found.row |= {"measurement_id": row["id"], "size": size or old}
    if result is not None:
        enterprises.publish(uow, found, classified(result, found.id))
        if has_advanced(_size(old), result.size):
            enterprises.publish(
                uow,
                found,
                EnterpriseAdvanced(enterprise=found.id, before=old, after=size, since=as_of),  # type: ignore[arg-type]
            )


def _latest(uow: UnitOfWork, found: Enterprise) -> RowMapping | None:
    query = select(table).where(table.c.id == found.row["measurement_id"])
    return uow.session.execute(query).mappings().one_or_none()


def _carried(name: str, known: Mapping[str, Any], before: RowMapping | None) -> Any:
    return before[name] if known[name] is None and before is not None else known[name]


def _classify(found: Enterprise, figures: Mapping[str, Any], as_of: dt.date) -> Classification | None:
    founded = found.row["founded"]
    is_new = founded is not None and founded.year >= as_of.year
    return classify(capital=figures["capital"], sales=figures["sales"], is_new=is_new, as_of=as_of)


def _size(name: str | None) -> Size | None:
    return None if name is None else Size[name.upper()]
