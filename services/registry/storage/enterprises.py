"""Loading and storing one enterprise with its owner, under the caller's scope and with the optimistic lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select

from chassis.database import driver_connection
from chassis.scope import in_scope
from chassis.unit_of_work import UnitOfWork
from contracts.errors import VERSION_CONFLICT, PlutError
from contracts.events import Event
from services.registry.storage.event_data import updated
from services.registry.storage.search_index import add_entries, entry, remove_entries
from services.registry.storage.tables import enterprise as table
from services.registry.storage.tables import owner as owners

Row = dict[str, Any]


@dataclass(slots=True)
class Enterprise:
    """An enterprise's row and its owner's, locked until the transaction ends."""

    row: Row
    owner: Row

    @property
    def id(self) -> UUID:
        """The enterprise's id."""
        found: UUID = self.row["id"]
        return found


def not_found() -> PlutError:
    """No such enterprise, or not within the caller's scope: the two are not told apart."""
    return PlutError("registry.enterprise-not-found", "There is no such enterprise.", "Usaha itu tidak ada.")


def enterprise_of(
    uow: UnitOfWork, enterprise_id: UUID, *, expected_version: int | None = None, active: bool = True
) -> Enterprise:
    """Load and lock an enterprise.

    Raises `registry.enterprise-not-found`; `version-conflict` where its version is not `expected_version`;
    `registry.enterprise-merged-conflict` where it has been merged into another, or `registry.enterprise-erased-conflict`
    where its data was destroyed, and `active` is asked for.
    """
    rows = enterprises_of(uow, [enterprise_id])
    if enterprise_id not in rows:
        raise not_found()
    found = rows[enterprise_id]
    check_version(found, expected_version)
    if active:
        refuse_erased(found)
    if active and found.row["state"] == "merged":
        raise PlutError(
            "registry.enterprise-merged-conflict",
            "This record was merged into another one; change that one.",
            "Data ini sudah digabung ke data lain; ubah data yang itu.",
            merged_into=str(found.row["merged_into"]),
        )
    return found


def enterprises_of(uow: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, Enterprise]:
    """Load and lock enterprises, in the order of their ids, so that two writers never wait in a circle."""
    rows = uow.session.execute(
        select(table).where(table.c.id.in_(sorted(ids)), in_scope(table.c.unit, uow.scopes)).order_by(table.c.id)
        .with_for_update()
    ).mappings().all()  # fmt: skip
    wanted = sorted({row["owner_id"] for row in rows})
    people = uow.session.execute(select(owners).where(owners.c.id.in_(wanted)).order_by(owners.c.id).with_for_update())
    by_id = {row["id"]: _plain(row) for row in people.mappings()}
    return {row["id"]: Enterprise(_plain(row), by_id[row["owner_id"]]) for row in rows}


def refuse_erased(found: Enterprise) -> None:
    """Raise `registry.enterprise-erased-conflict` where what identified it was destroyed."""
    if found.row["state"] == "erased":
        raise PlutError(
            "registry.enterprise-erased-conflict",
            "The owner had this record's personal data destroyed; register the enterprise anew if it comes back.",
            "Data pribadi pada catatan ini sudah dihapus atas permintaan pemilik; daftarkan kembali bila usahanya datang lagi.",
        )


def check_version(found: Enterprise, expected: int | None) -> None:
    """Raise `version-conflict` unless the enterprise is as the caller has seen it."""
    if expected is not None and found.row["version"] != expected:
        raise PlutError(
            VERSION_CONFLICT,
            f"The record has changed since you read it (version {found.row['version']}, not {expected}).",
            f"Data sudah berubah sejak Anda membacanya (versi {found.row['version']}, bukan {expected}).",
            version=found.row["version"],
        )


def publish(uow: UnitOfWork, found: Enterprise, event: Event) -> None:
    """Publish an event about an enterprise: its version is raised by one and is the event's sequence."""
    found.row["version"] += 1
    uow.publish(event, subject=found.id, unit=found.row["unit"], sequence=found.row["version"])


def publish_update(uow: UnitOfWork, found: Enterprise, fields: Sequence[str]) -> None:
    """Publish that `fields` changed."""
    publish(uow, found, updated(found.row, found.owner, sorted(fields)))


def store(uow: UnitOfWork, found: Enterprise, *, reindex: bool = False) -> None:
    """Write an enterprise's row and its owner's as they are now."""
    found.row["updated_at"] = uow.now
    if reindex:
        index(uow, found)
    uow.session.execute(table.update().where(table.c.id == found.id).values(_without_key(found.row)))
    uow.session.execute(owners.update().where(owners.c.id == found.owner["id"]).values(_without_key(found.owner)))


def index(uow: UnitOfWork, found: Enterprise) -> None:
    """File an enterprise in the search anew; one that was merged or erased is taken out.

    Its words go into its row, to be written.
    """
    connection = driver_connection(uow.session.connection())
    remove_entries(connection, [found.id])
    entered = entry(found.id, found.row["name"], found.owner["name"], found.row["products"] or "")
    found.row["words"] = entered[1]
    if found.row["state"] not in ("merged", "erased"):
        add_entries(connection, found.row["unit"], [entered])


def siblings(uow: UnitOfWork, found: Enterprise) -> list[Enterprise]:
    """The owner's other enterprises, locked."""
    ids = uow.session.execute(
        select(table.c.id).where(table.c.owner_id == found.owner["id"], table.c.id != found.id)
    ).scalars()
    others = enterprises_of(uow, list(ids))
    for other in others.values():
        other.owner = found.owner
    return list(others.values())


def _plain(row: RowMapping) -> Row:
    # SQLAlchemy's names are strings of a kind of its own, which no event can carry
    return {str(name): value for name, value in row.items()}


def _without_key(row: Mapping[str, Any]) -> Row:
    return {name: value for name, value in row.items() if name != "id"}
