"""Let rows that repeat known enterprises fill what those lack: a licence export brings the NIB, a list the phone.

What is known is never overwritten. Each row keeps what it filled, so that undoing its import empties exactly that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Protocol
from uuid import UUID

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from chassis.database import driver_connection
from chassis.unit_of_work import UnitOfWork
from contracts.events import Event
from services.registry.domain.importing import ImportedEnterprise
from services.registry.storage.event_data import updated

ENTERPRISE_BLANKS: Final = ("nib", "npwp", "email", "phone", "kbli", "products", "street", "village", "district")
OWNER_BLANKS: Final = ("phone", "email")


class FillingRow(Protocol):
    """What is needed of a row."""

    @property
    def number(self) -> int:
        """Number within the import."""

    @property
    def record(self) -> ImportedEnterprise | None:
        """What it says."""

    @property
    def repeats(self) -> UUID | None:
        """The known enterprise that it repeats."""


def fill_blanks(*, uow: UnitOfWork, import_: Any, rows: Sequence[FillingRow]) -> None:
    """Fill what the rows' enterprises lack; one `enterprise-updated` per enterprise that changed."""
    wanted = [row for row in rows if row.record is not None and row.repeats is not None]
    if not wanted:
        return
    connection = driver_connection(uow.session.connection())
    enterprises, owners = _locked(connection, [row.repeats for row in wanted if row.repeats is not None])
    changed: dict[UUID, set[str]] = {}
    filled_by: dict[int, tuple[UUID, dict[str, Any]]] = {}
    for row in wanted:
        enterprise = enterprises.get(row.repeats)  # type: ignore[arg-type]
        if enterprise is None or row.record is None:
            continue
        filled = _fill(enterprise, owners[enterprise["owner_id"]], row.record)
        if filled:
            changed.setdefault(enterprise["id"], set()).update(filled)
            filled_by[row.number] = (enterprise["id"], filled)
    if not changed:
        return
    touched = [enterprises[each] for each in changed]
    for enterprise in touched:
        enterprise["version"] += 1
    _store(connection, uow, touched, [owners[enterprise["owner_id"]] for enterprise in touched])
    _remember(connection, import_.id, enterprises, filled_by)
    uow.publish_many(_events(import_, touched, owners, changed))


def _locked(
    connection: psycopg.Connection[Any], ids: Sequence[UUID]
) -> tuple[dict[UUID, dict[str, Any]], dict[UUID, dict[str, Any]]]:
    with connection.cursor(row_factory=dict_row, binary=True) as cursor:
        # in the order of ids, like every writer of several enterprises
        cursor.execute(
            "SELECT id, unit, version, kind, name, owner_id, kbli_version, " + ", ".join(ENTERPRISE_BLANKS) +
            " FROM enterprise WHERE id = ANY(%s) AND state = 'active' ORDER BY id FOR UPDATE",
            (sorted(set(ids)),),
        )  # fmt: skip
        enterprises = {row["id"]: row for row in cursor}
        cursor.execute(
            "SELECT id, name, phone, email FROM owner WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
            (sorted({row["owner_id"] for row in enterprises.values()}),),
        )
        return enterprises, {row["id"]: row for row in cursor}


def _fill(enterprise: dict[str, Any], owner: dict[str, Any], record: ImportedEnterprise) -> dict[str, Any]:
    """Fill both rows' blanks; returns what was filled, owner's fields as `owner.phone`."""
    phone = record.phones[0] if record.phones else None
    told = {
        "nib": record.nib,
        "npwp": record.npwp if record.npwp and (len(record.npwp) < 16 or record.npwp[0] == "0") else None,  # noqa: PLR2004
        "kbli": record.kbli,
        "products": record.product,
        "street": record.street,
        "district": record.district_code,
        "village": record.village_code,
    }
    filled: dict[str, Any] = {}
    for name, value in told.items():
        if value is not None and enterprise[name] is None:
            filled[name] = enterprise[name] = value
            if name == "kbli" and record.kbli_version:
                enterprise["kbli_version"] = int(record.kbli_version)
    for name, value in (("phone", phone), ("email", record.email)):
        if value is not None and owner[name] is None and enterprise[name] is None:
            filled[f"owner.{name}"] = owner[name] = value
    return filled


def _store(
    connection: psycopg.Connection[Any], uow: UnitOfWork, enterprises: Sequence[dict[str, Any]], owners: Sequence[Any]
) -> None:
    columns = ("nib", "npwp", "kbli", "products", "street", "village", "district")
    connection.execute(
        "UPDATE enterprise e SET version = d.version,"
        " import_version = CASE WHEN e.import_version = e.version THEN d.version ELSE e.import_version END,"
        " kbli_version = d.kbli_version, updated_at = %s, "
        + ", ".join(f"{name} = d.{name}" for name in columns)
        + " FROM unnest(%s::uuid[], %s::int[], %s::int[], "
        + ", ".join("%s::text[]" for _ in columns)
        + f") AS d (id, version, kbli_version, {', '.join(columns)}) WHERE e.id = d.id",
        (
            uow.now,
            *([row[name] for row in enterprises] for name in ("id", "version", "kbli_version", *columns)),
        ),
    )
    connection.execute(
        "UPDATE owner o SET phone = d.phone, email = d.email FROM unnest(%s::uuid[], %s::text[], %s::text[])"
        " AS d (id, phone, email) WHERE o.id = d.id",
        tuple([row[name] for row in owners] for name in ("id", "phone", "email")),
    )


def _remember(
    connection: psycopg.Connection[Any],
    import_id: UUID,
    enterprises: dict[UUID, dict[str, Any]],
    filled_by: dict[int, tuple[UUID, dict[str, Any]]],
) -> None:
    connection.execute(
        "UPDATE import_row r SET version = d.version, before = d.before FROM unnest(%s::int[], %s::int[], %s::jsonb[])"
        " AS d (number, version, before) WHERE r.import_id = %s AND r.number = d.number",
        (
            list(filled_by),
            [enterprises[enterprise]["version"] for enterprise, _ in filled_by.values()],
            [Jsonb(filled) for _, filled in filled_by.values()],
            import_id,
        ),
    )


def _events(
    import_: Any, touched: Sequence[dict[str, Any]], owners: dict[UUID, Any], changed: dict[UUID, set[str]]
) -> Iterator[tuple[Event, UUID, str, int]]:
    for enterprise in touched:
        event = updated(enterprise, owners[enterprise["owner_id"]], sorted(changed[enterprise["id"]]), import_.id)
        yield event, enterprise["id"], enterprise["unit"], enterprise["version"]
