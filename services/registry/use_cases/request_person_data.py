"""A person asks for their data, or for its end: tell all who hold some, and watch the deadline (UU 27/2022)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from chassis.personal_data import new_recipient
from chassis.sealing import sealer
from chassis.unit_of_work import UnitOfWork
from contracts.errors import INVALID_REQUEST, PlutError
from contracts.personal_data import DEADLINE, holders
from contracts.registry import PersonDataRequested
from services.registry.queries.person_requests import person_request_of, person_request_view
from services.registry.storage import enterprises
from services.registry.storage.enterprises import Enterprise
from services.registry.storage.tables import person_request as table
from services.registry.use_cases.erase_person import workbooks_with

# One person may be on record twice in a unit; who has no NIK is known by the one record alone.
_OWNERS = text(
    "SELECT id FROM owner WHERE unit = :unit AND (id = :owner OR nik_hash = :hash)"  # a NULL hash is equal to none
)
_ENTERPRISES = text("SELECT id FROM enterprise WHERE owner_id = ANY(:owners) ORDER BY id")


def request_person_export(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """Everything that is known about the owner of an enterprise; one that is under way already is answered as it is."""
    found = _person(uow, request)
    return _request(uow, "export", found, request)


def request_person_erasure(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """The end of what identifies the owner; refuses unless the owner's name was typed (`invalid-request`)."""
    found = _person(uow, request)
    if _plain(request["confirm"]) != _plain(found.owner["name"]):
        raise PlutError(
            INVALID_REQUEST,
            "The name is not that of this owner; nothing was destroyed.",
            "Nama tidak sama dengan nama pemilik; tidak ada yang dihapus.",
            fields={
                "confirm": ["Ketik nama pemilik seperti yang tercatat.", "Type the owner's name as it is on record."]
            },
        )
    return _request(uow, "erasure", found, request)


def _person(uow: UnitOfWork, request: dict[str, Any]) -> Enterprise:
    found = enterprises.enterprise_of(uow, request["enterprise"], active=False)
    enterprises.refuse_erased(found)
    return found


def _request(uow: UnitOfWork, kind: str, found: Enterprise, request: dict[str, Any]) -> dict[str, Any]:
    requested_at = request.get("requested_at") or uow.now
    if requested_at > uow.now:
        raise PlutError(
            INVALID_REQUEST,
            "The person can't have asked in the future.",
            "Waktu permintaan tidak boleh di masa depan.",
            fields={"requested_at": ["Waktu permintaan tidak boleh di masa depan.", "It lies in the future."]},
        )
    unit, owner = found.row["unit"], found.owner
    owners = list(
        uow.session.execute(_OWNERS, {"unit": unit, "owner": owner["id"], "hash": owner["nik_hash"]}).scalars()
    )
    under_way = uow.session.execute(
        select(table).where(table.c.kind == kind, table.c.state == "open", table.c.owners.overlap(owners))
    ).first()
    if under_way is not None:
        return person_request_view(uow, under_way)
    row = _row(uow, kind, found, owners)
    if kind == "erasure":
        workbooks_with(uow, owners=owners, enterprises=row["enterprises"])
    row |= {
        "how": request["how"], "requested_at": requested_at, "due_at": requested_at + DEADLINE,
    }  # fmt: skip
    recipient, private = new_recipient() if kind == "export" else (None, None)
    row["private_key"] = sealer(uow, unit)(private, row["id"].bytes) if private else None
    uow.session.execute(table.insert(), row)
    event = PersonDataRequested(
        request=row["id"],
        kind=kind,  # type: ignore[arg-type]
        owners=tuple(owners),
        enterprises=tuple(row["enterprises"]),
        due_at=row["due_at"],
        recipient=recipient,
    )
    uow.publish(event, subject=row["id"], unit=unit, sequence=1)
    uow.audit(f"person.{kind}-requested", subject=found.id, unit=unit, detail={"request": str(row["id"])})
    return person_request_view(uow, person_request_of(uow, row["id"]))


def _row(uow: UnitOfWork, kind: str, found: Enterprise, owners: list[UUID]) -> dict[str, Any]:
    return {
        "id": uow.new_id(),
        "unit": found.row["unit"],
        "kind": kind,
        "state": "open",
        "enterprise": found.id,
        "owner_id": found.owner["id"],
        "owners": owners,
        "enterprises": list(uow.session.execute(_ENTERPRISES, {"owners": owners}).scalars()),
        "awaited": holders(),
        "answers": [],
        "created_at": uow.now,
        "created_by": uow.context.account,
        "version": 1,
    }


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
