"""Register one enterprise, unless it is known already."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import func, select

from chassis.database import driver_connection
from chassis.unit_of_work import UnitOfWork
from contracts.errors import PlutError
from contracts.registry import EnterpriseRegistered
from services.registry.domain.matching import Score, decide, match_record
from services.registry.queries.enterprises import enterprise_view
from services.registry.storage import enterprises, tables
from services.registry.storage.enterprises import Enterprise
from services.registry.storage.event_data import contact
from services.registry.storage.match_records import similar_enterprises
from services.registry.storage.people import apply_owner
from services.registry.storage.units import require_region
from services.registry.use_cases.enterprise_fields import apply_fields
from services.registry.use_cases.enterprises_of_rows import likelihood
from services.registry.use_cases.measuring import FIGURES, measure


def register_enterprise(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Register; returns the enterprise.

    Raises `registry.enterprise-duplicate-conflict`, which names the known one, where it is certainly a repeat. Where it
    may be one, it is registered and the pair is kept for a person to decide; so also with `even_if_similar`.
    """
    unit = request["unit"]
    uow.require_scope(unit)
    require_region(uow, unit, "unit")
    found = _new(uow, request)
    similar = _similar(uow, found, request)
    same = [(known, score) for known, score in similar if decide(score) == "same"]
    if same and not request["even_if_similar"]:
        raise _duplicate(*same[0])
    _insert(uow, found)
    _keep_pairs(uow, found, similar)
    registered = EnterpriseRegistered(
        enterprise=found.id,
        owner=found.owner["id"],
        business=found.row["name"],
        kind=found.row["kind"],
        district=found.row["district"],
        village=found.row["village"],
        kbli=found.row["kbli"],
        kbli_version=found.row["kbli_version"],
        contact=contact(found.row, found.owner),
    )
    enterprises.publish(uow, found, registered)
    if any(request.get(name) is not None for name in FIGURES):
        measure(uow, found, request, as_of=request.get("as_of") or uow.now.date(), source="interview")
    if request.get("binaan_since"):
        begun = {"id": uow.new_id(), "enterprise": found.id, "unit": unit, "by_unit": unit}
        begun |= {"since": request["binaan_since"]}
        uow.session.execute(tables.binaan.insert(), begun)
    enterprises.store(uow, found, reindex=True)
    uow.audit("enterprise.registered", subject=found.id, unit=unit)
    return enterprise_view(uow, found.id)


def _new(uow: UnitOfWork, request: dict[str, Any]) -> Enterprise:
    blank: dict[str, Any] = dict.fromkeys(str(column.name) for column in tables.enterprise.c)
    person: dict[str, Any] = dict.fromkeys(str(column.name) for column in tables.owner.c)
    person |= {"id": uow.new_id(), "unit": request["unit"], "nik_state": "missing"}
    apply_owner(person, request["owner"], today=uow.now.date())
    row = blank | {
        "id": uow.new_id(),
        "unit": request["unit"],
        "version": 0,
        "state": "active",
        "kind": "perorangan",
        "channels": [],
        "words": "",
        "owner_id": person["id"],
        "registered_at": uow.now,
        "updated_at": uow.now,
    }
    found = Enterprise(row, person)
    apply_fields(uow, found, request)
    return found


def _similar(uow: UnitOfWork, found: Enterprise, request: dict[str, Any]) -> list[tuple[UUID, Score]]:
    row, person = found.row, found.owner
    record = match_record(
        name="" if row["name"] == person["name"] else row["name"],
        owner_name=person["name"],
        nik_hash=person["nik_hash"],
        phones=tuple(each for each in (person["phone"], row["phone"]) if each),
        nib=row["nib"],
        email=row["email"] or person["email"],
        born=person["birth_date"],
        district_code=row["district"],
        village_code=row["village"],
        street=row["street"],
        rt=row["rt"],
        rw=row["rw"],
        product=row["products"],
        kbli=row["kbli"],
        founded_year=row["founded"].year if row["founded"] else None,
        capital=request.get("capital"),
        sales_per_year=request.get("sales"),
        workers=request.get("workers"),
    )
    connection = driver_connection(uow.session.connection())
    # two registrations of one business at once: the second sees the first
    key = f"{row['unit']}:{record.owner or record.name}"
    uow.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    return similar_enterprises(connection, row["unit"], record, words=f"{row['name']} {person['name']}")


def _duplicate(known: UUID, score: Score) -> PlutError:
    return PlutError(
        "registry.enterprise-duplicate-conflict",
        f"This enterprise is registered already ({', '.join(score.reasons_en()[:3])}).",
        f"Usaha ini sudah terdaftar ({', '.join(score.reasons_id()[:3])}).",
        enterprise=str(known),
    )


def _insert(uow: UnitOfWork, found: Enterprise) -> None:
    """Write the rows; the owner is one that the unit knows already by this NIK, where there is one of this name."""
    person = found.owner
    if person["nik_hash"] is not None:
        query = select(tables.owner).where(
            tables.owner.c.nik_hash == person["nik_hash"],
            tables.owner.c.unit == person["unit"],
            func.lower(tables.owner.c.name) == person["name"].lower(),
        )
        known = uow.session.execute(query.limit(1).with_for_update()).mappings().one_or_none()
        if known is not None:
            fresh = {name: value for name, value in person.items() if value is not None and known[name] is None}
            found.owner = dict(known) | fresh
            found.row["owner_id"] = known["id"]
    if found.owner is person:
        uow.session.execute(tables.owner.insert(), person)
    uow.session.execute(tables.enterprise.insert(), found.row)


def _keep_pairs(uow: UnitOfWork, found: Enterprise, similar: list[tuple[UUID, Score]]) -> None:
    for known, score in similar[:5]:
        reasons = [
            {"code": item.code, "id": item.reason_id, "en": item.reason_en}
            for item in sorted(score.evidence, key=lambda item: -abs(item.stranger + item.sibling))
        ]
        pair = {
            "id": uow.new_id(),
            "unit": found.row["unit"],
            "enterprise": found.id,
            "other": known,
            "score": likelihood(score.value),
            "reasons": orjson.loads(orjson.dumps(reasons)),
            "state": "open",
            "found_at": uow.now,
        }
        uow.session.execute(tables.duplicate.insert(), pair)
