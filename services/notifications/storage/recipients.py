"""Our own copy of whom to reach. Every write takes many rows at once, and an older version never overwrites a newer one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

T = TypeVar("T", bound=Mapping[str, Any])

_ROWS = "jsonb_to_recordset(cast(:rows AS jsonb))"

# A removed record gets no contact back from an event that is older than its removal.
_CONTACTS = text(
    "INSERT INTO recipient AS known"
    " (enterprise, unit, unit_version, business, person, email, phone, contact_version)"
    " SELECT enterprise, unit, version, business, person, email, phone, version"
    f" FROM {_ROWS} AS new(enterprise uuid, unit text, version integer,"
    " business text, person text, email text, phone text)"
    " ON CONFLICT (enterprise) DO UPDATE SET business = excluded.business, person = excluded.person,"
    " email = excluded.email, phone = excluded.phone, contact_version = excluded.contact_version"
    " WHERE known.contact_version < excluded.contact_version"
)
_ADDRESSES_BEFORE = text(
    "SELECT enterprise, email, phone FROM recipient"
    f" JOIN {_ROWS} AS new(enterprise uuid, version integer) USING (enterprise)"
    " WHERE contact_version < new.version"
)
_PLACES = text(
    "INSERT INTO recipient AS known (enterprise, unit, unit_version) SELECT enterprise, unit, version"
    f" FROM {_ROWS} AS new(enterprise uuid, unit text, version integer)"
    " ON CONFLICT (enterprise) DO UPDATE SET unit = excluded.unit, unit_version = excluded.unit_version"
    " WHERE known.unit_version < excluded.unit_version"
)
_STATES = text(
    "INSERT INTO recipient AS known (enterprise, unit, state, state_version, contact_version)"
    " SELECT enterprise, unit, state, version, CASE state WHEN 'removed' THEN version ELSE 0 END"
    f" FROM {_ROWS} AS new(enterprise uuid, unit text, state text, version integer)"
    " ON CONFLICT (enterprise) DO UPDATE SET state = excluded.state, state_version = excluded.state_version"
    " WHERE known.state_version < excluded.state_version"
)
_FORGET = text(
    "UPDATE recipient SET business = NULL, person = NULL, email = NULL, phone = NULL,"
    " contact_version = greatest(contact_version, state_version)"
    " WHERE enterprise = ANY(:ids) AND state = 'removed'"
)
_FORGET_ADDRESSES = text("UPDATE message SET address = NULL WHERE enterprise = ANY(:ids) AND address IS NOT NULL")
_CONSENTS = text(
    "INSERT INTO recipient AS known (enterprise, unit, may_serve, consent_version)"
    " SELECT enterprise, unit, may_serve, version"
    f" FROM {_ROWS} AS new(enterprise uuid, unit text, may_serve boolean, version integer)"
    " ON CONFLICT (enterprise) DO UPDATE SET may_serve = excluded.may_serve,"
    " consent_version = excluded.consent_version WHERE known.consent_version < excluded.consent_version"
)


def newest(rows: Iterable[T]) -> list[T]:
    """Of several rows about one enterprise the one with the highest version, sorted by enterprise.

    Sorted, so that two processes that take batches about the same enterprises can't wait for each other.
    """
    found: dict[UUID, T] = {}
    for row in rows:
        before = found.get(row["enterprise"])
        if before is None or before["version"] < row["version"]:
            found[row["enterprise"]] = row
    return [found[key] for key in sorted(found)]


def put_contacts(session: Session, rows: Iterable[Mapping[str, Any]]) -> None:
    """Rows of enterprise, unit, version, business, person, email, phone."""
    rows = newest(rows)
    _write(session, _CONTACTS, rows)
    put_places(session, rows)


def addresses_before(session: Session, rows: Iterable[Mapping[str, Any]]) -> dict[UUID, tuple[str | None, str | None]]:
    """E-mail and phone as they are known and older than the given rows of enterprise and version."""
    if not (found := newest(rows)):
        return {}
    known = session.execute(_ADDRESSES_BEFORE, {"rows": orjson.dumps(found).decode()})
    return {row.enterprise: (row.email, row.phone) for row in known}


def put_places(session: Session, rows: Iterable[Mapping[str, Any]]) -> None:
    """Rows of enterprise, unit, version."""
    _write(session, _PLACES, newest(rows))


def put_states(session: Session, rows: Iterable[Mapping[str, Any]]) -> None:
    """Rows of enterprise, unit, version, state (active, merged, removed); a removed record's contact is forgotten."""
    rows = newest(rows)
    _write(session, _STATES, rows)
    if removed := [row["enterprise"] for row in rows if row["state"] == "removed"]:
        session.execute(_FORGET, {"ids": removed})
        session.execute(_FORGET_ADDRESSES, {"ids": removed})


def put_consents(session: Session, rows: Iterable[Mapping[str, Any]]) -> None:
    """Rows of enterprise, unit, version, may_serve."""
    _write(session, _CONSENTS, newest(rows))


def _write(session: Session, statement: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        session.execute(statement, {"rows": orjson.dumps(rows).decode()})
