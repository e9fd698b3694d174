"""How many enterprises there are, by size, place, sector and month."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Float, Integer, case, cast, func, select, text

from chassis.scope import in_scope
from chassis.unit_of_work import UnitOfWork
from services.registry.storage.tables import binaan, enterprise, kbli, measurement, owner, region

_MONTHS = 24


def get_statistics(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Counts of active enterprises within the caller's scope."""
    e = enterprise.c
    mine = [e.state.in_(("active", "erased")), in_scope(e.unit, uow.scopes)]
    if request.get("unit"):
        mine.append(in_scope(e.unit, [request["unit"]]))
    totals = uow.session.execute(
        select(
            func.count().label("total"),
            func.coalesce(func.sum(case((owner.c.sex == "female", 1), else_=0)), 0).cast(Integer).label("women"),
            cast(func.avg(measurement.c.workers), Float).label("average_workers"),
        )
        .select_from(enterprise)
        .join(owner, owner.c.id == e.owner_id)
        .outerjoin(measurement, measurement.c.id == e.measurement_id)
        .where(*mine)
    ).one()
    accompanied = select(func.count()).select_from(enterprise).join(binaan, binaan.c.enterprise == e.id)
    place = select(e.district.label("code"), func.count().label("count")).where(*mine).group_by(e.district).subquery()
    sector = (
        select(kbli.c.section, func.count().label("count"))
        .select_from(enterprise)
        .outerjoin(kbli, (kbli.c.version == e.kbli_version) & (kbli.c.code == e.kbli))
        .where(*mine)
        .group_by(kbli.c.section)
        .order_by(kbli.c.section)
    )
    return {
        "unit": request.get("unit"),
        **totals._mapping,  # noqa: SLF001 - SQLAlchemy's own name
        "binaan": uow.session.execute(accompanied.where(binaan.c.until.is_(None), *mine)).scalar(),
        "by_size": _rows(uow, select(e.size, func.count().label("count")).where(*mine).group_by(e.size)),
        "by_district": _rows(
            uow,
            select(place.c.code, region.c.name, place.c.count)
            .outerjoin(region, region.c.code == place.c.code)
            .order_by(place.c.code),
        ),
        "by_section": _rows(uow, sector),
        "by_month": _by_month(uow, request.get("unit")),
    }


def _by_month(uow: UnitOfWork, unit: str | None) -> list[dict[str, Any]]:
    """Registered and risen, the last 24 months."""
    month = func.to_char(func.date_trunc("month", enterprise.c.registered_at), "YYYY-MM").label("month")
    since = text(f"now() - interval '{_MONTHS} months'")
    scope = [in_scope(enterprise.c.unit, uow.scopes), in_scope(enterprise.c.unit, [unit or ""])]
    registered = _rows(
        uow,
        select(month, func.count().label("registered"))
        .where(*scope, enterprise.c.state != "merged", enterprise.c.registered_at >= since)
        .group_by(month),
    )
    rank = func.array_position(text("ARRAY['micro', 'small', 'medium', 'large']"), measurement.c.size)
    before = func.lag(rank).over(
        partition_by=measurement.c.enterprise, order_by=(measurement.c.as_of, measurement.c.recorded_at)
    )
    ranked = (
        select(measurement.c.as_of, rank.label("rank"), before.label("before"))
        .where(
            in_scope(measurement.c.unit, uow.scopes),
            in_scope(measurement.c.unit, [unit or ""]),
            measurement.c.size.isnot(None),
        )
        .subquery()
    )
    when = func.to_char(ranked.c.as_of, "YYYY-MM").label("month")
    advanced = _rows(
        uow,
        select(when, func.count().label("advanced"))
        .where(ranked.c.rank > ranked.c.before, ranked.c.as_of >= since)
        .group_by(when),
    )
    months: dict[str, dict[str, Any]] = {}
    for row in (*registered, *advanced):
        months.setdefault(row["month"], {"registered": 0, "advanced": 0}).update(row)
    return [months[name] for name in sorted(months)]


def _rows(uow: UnitOfWork, query: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in uow.session.execute(query).mappings()]
