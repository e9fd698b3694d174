"""Enterprises as officers see them: one, with names for its codes, or many as lines of a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from chassis.unit_of_work import UnitOfWork
from contracts.access import contains
from services.registry.storage.enterprises import not_found

_ONE = text(
    """
    SELECT e.*, o.name AS owner_name, o.nik_shown, o.nik_state, o.sex, o.birth_date, o.phone AS owner_phone,
           o.email AS owner_email, v.name AS village_name, d.name AS district_name, r.name AS regency_name,
           k.title AS kbli_title, k.section, m.criterion, m.by_capital, m.by_sales, m.as_of, m.capital, m.sales,
           m.workers, b.since AS binaan_since, b.id IS NOT NULL AS is_binaan,
           (SELECT count(*) FROM duplicate x WHERE x.state = 'open' AND e.id IN (x.enterprise, x.other)) AS duplicates,
           to_jsonb(c) - 'unit' - 'enterprise' AS cooperative
    FROM enterprise e
    JOIN owner o ON o.id = e.owner_id
    LEFT JOIN region v ON v.code = e.village
    LEFT JOIN region d ON d.code = e.district
    LEFT JOIN region r ON r.code = left(coalesce(e.district, e.unit), 5)
    LEFT JOIN kbli k ON k.version = e.kbli_version AND k.code = e.kbli
    LEFT JOIN measurement m ON m.id = e.measurement_id
    LEFT JOIN binaan b ON b.enterprise = e.id AND b.until IS NULL
    LEFT JOIN cooperative c ON c.enterprise = e.id
    WHERE e.id = :id
    """
)
_MANY = text(
    """
    SELECT e.id, e.unit, e.version, e.state, e.name, o.name AS owner, e.kind, e.products, coalesce(o.phone, e.phone) AS phone,
           e.nib, e.kbli, e.district, d.name AS district_name, e.village, v.name AS village_name, e.size, e.registered_at
    FROM enterprise e
    JOIN owner o ON o.id = e.owner_id
    LEFT JOIN region d ON d.code = e.district
    LEFT JOIN region v ON v.code = e.village
    WHERE e.id = ANY(:ids)
    """
)


def get_enterprise(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """One enterprise; raises `registry.enterprise-not-found` also where it is out of the caller's scope.

    That somebody has looked is on record.
    """
    found = enterprise_view(uow, request["id"])
    uow.audit("enterprise.viewed", subject=request["id"], unit=found["unit"])
    return found


def enterprise_view(uow: UnitOfWork, enterprise_id: UUID) -> dict[str, Any]:
    """The same by id."""
    row = uow.session.execute(_ONE, {"id": enterprise_id}).one_or_none()
    if row is None or not any(contains(scope, row.unit) for scope in uow.scopes):
        raise not_found()
    return {
        **{
            name: getattr(row, name)
            for name in (
                "id", "unit", "version", "state", "merged_into", "kind", "name", "latitude", "longitude", "phone", "email",
                "nib", "npwp", "products", "channels", "founded", "founded_precision", "cooperative", "binaan_since",
                "duplicates", "registered_at", "updated_at",
            )
        },
        "owner": {
            "id": row.owner_id,
            "name": row.owner_name,
            "nik": row.nik_shown,
            "nik_state": row.nik_state,
            "sex": row.sex,
            "birth_date": row.birth_date,
            "phone": row.owner_phone,
            "email": row.owner_email,
        },
        "address": {
            "street": row.street,
            "rt": row.rt,
            "rw": row.rw,
            "village": named(row.village, row.village_name),
            "district": named(row.district, row.district_name),
            "regency": named((row.district or row.unit)[:5], row.regency_name),
            "postcode": row.postcode,
            "as_written": row.place_as_written,
        },
        "kbli": row.kbli
        and {"code": row.kbli, "version": row.kbli_version, "title": row.kbli_title, "section": row.section},
        "size": row.size
        and {
            "size": row.size,
            "criterion": row.criterion,
            "by_capital": row.by_capital,
            "by_sales": row.by_sales,
            "disagrees": None not in (row.by_capital, row.by_sales) and row.by_capital != row.by_sales,
            "as_of": row.as_of,
            "capital": row.capital,
            "sales": row.sales,
            "workers": row.workers,
        },
    }  # fmt: skip


def enterprise_hits(uow: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Lines of a list, by id."""
    rows = uow.session.execute(_MANY, {"ids": list(ids)}).mappings()
    return {row["id"]: _hit(dict(row)) for row in rows}


def _hit(row: dict[str, Any]) -> dict[str, Any]:
    for level in ("district", "village"):
        row[level] = named(row[level], row.pop(f"{level}_name"))
    return row


def named(code: str | None, name: str | None) -> dict[str, Any] | None:
    """A code with its name."""
    return None if code is None else {"code": code, "name": name}
