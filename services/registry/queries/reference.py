"""Regions and business classifications: public lists, the same for everybody."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, or_, select

from chassis.unit_of_work import UnitOfWork
from contracts.errors import PlutError
from services.registry.queries.pages import page_of, plain_text, position_of
from services.registry.storage.tables import kbli, region


def list_regions(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Children of a region, or regions whose name holds the words asked for."""
    query = select(region).order_by(region.c.code)
    if request.get("q"):
        for word in request["q"].lower().split():
            query = query.where(func.lower(region.c.name).contains(word, autoescape=True))
        if request.get("parent"):
            query = query.where(region.c.code.startswith(request["parent"] + "."))
    else:
        query = query.where(
            region.c.parent == request["parent"] if request.get("parent") else region.c.parent.is_(None)
        )
    if request.get("level"):
        query = query.where(region.c.level == request["level"])
    if (position := position_of(request, plain_text)) is not None:
        query = query.where(region.c.code > position[0])
    rows = [dict(row) for row in uow.session.execute(query.limit(request["limit"] + 1)).mappings()]
    page = page_of(rows, request["limit"], lambda item: (item["code"],))
    _add_paths(uow, page["items"])
    return page


def get_region(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """One region; raises `registry.region-not-found`."""
    row = uow.session.execute(select(region).where(region.c.code == request["code"])).mappings().one_or_none()
    if row is None:
        raise PlutError(
            "registry.region-not-found",
            f"There is no region {request['code']}.",
            f"Tidak ada wilayah {request['code']}.",
        )
    items = [dict(row)]
    _add_paths(uow, items)
    return items[0]


def _add_paths(uow: UnitOfWork, items: list[dict[str, Any]]) -> None:
    above = {code for item in items for code in _path(item["code"])}
    rows = uow.session.execute(select(region.c.code, region.c.name).where(region.c.code.in_(above)))
    names: dict[str, str] = {row.code: row.name for row in rows}
    for item in items:
        item["path"] = ", ".join(names[code] for code in _path(item["code"]) if code in names)


def _path(code: str) -> list[str]:
    parts = code.split(".")
    return [".".join(parts[:length]) for length in range(len(parts), 0, -1)]


def list_kbli(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Codes of one version in order."""
    version = request.get("version") or uow.session.execute(select(func.max(kbli.c.version))).scalar()
    query = select(kbli).where(kbli.c.version == version).order_by(kbli.c.code)
    for word in (request.get("q") or "").lower().split():
        query = query.where(
            or_(func.lower(kbli.c.title).contains(word, autoescape=True), kbli.c.code.startswith(word, autoescape=True))
        )
    if request.get("section"):
        query = query.where(kbli.c.section == request["section"])
    if (position := position_of(request, plain_text)) is not None:
        query = query.where(kbli.c.code > position[0])
    rows = [dict(row) for row in uow.session.execute(query.limit(request["limit"] + 1)).mappings()]
    return page_of(rows, request["limit"], lambda item: (item["code"],))
