"""Everything that the registry knows about a person, in JSON values."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import text

from chassis.unit_of_work import UnitOfWork
from contracts.registry import PersonDataRequested
from services.registry.storage.import_rows import decode_record, shown_cells
from services.registry.storage.nik_vault import open_nik

_OF_ENTERPRISES: Final = {
    "enterprises": "SELECT to_jsonb(t) - ARRAY['words', 'import_version'] FROM enterprise t WHERE id = ANY(:enterprises)",
    "measurements": "SELECT to_jsonb(t) FROM measurement t WHERE enterprise = ANY(:enterprises)",
    "cooperatives": "SELECT to_jsonb(t) FROM cooperative t WHERE enterprise = ANY(:enterprises)",
    "yearly_meetings": "SELECT to_jsonb(t) FROM rat t WHERE enterprise = ANY(:enterprises)",
    "binaan": "SELECT to_jsonb(t) FROM binaan t WHERE enterprise = ANY(:enterprises)",
    "consents": "SELECT to_jsonb(t) FROM consent t WHERE enterprise = ANY(:enterprises)",
    "merges": "SELECT to_jsonb(t) FROM merge t WHERE kept = ANY(:enterprises) OR other = ANY(:enterprises)",
    "looks_at_numbers": "SELECT to_jsonb(t) FROM access_log t WHERE enterprise = ANY(:enterprises)",
    "requests": "SELECT to_jsonb(t) - ARRAY['private_key', 'answers'] FROM person_request t WHERE enterprises && :enterprises",
    "what_was_done_and_seen": (
        "SELECT to_jsonb(t) - ARRAY['hash', 'chain', 'sequence'] FROM plut.audit t"
        " WHERE subject = ANY(cast(:enterprises AS text[])) ORDER BY id"
    ),
}
_OWNERS: Final = text(
    "SELECT to_jsonb(t) - ARRAY['nik_ciphertext', 'nik_hash', 'nik_shown'] AS shown, id, nik_ciphertext"
    " FROM owner t WHERE id = ANY(:owners) ORDER BY id"
)
_ROWS: Final = text(
    "SELECT r.sheet, r.row, r.outcome, r.record, i.name FROM import_row r JOIN import i ON i.id = r.import_id"
    " WHERE (r.enterprise = ANY(:enterprises) OR r.owner = ANY(:owners)) AND r.record IS NOT NULL ORDER BY i.id, r.number"
)


def export_person(uow: UnitOfWork, request: PersonDataRequested) -> dict[str, Any]:
    """The person, the enterprises, what hangs on them, the rows that they came in, and who looked at them."""
    values = {"owners": list(request.owners), "enterprises": list(request.enterprises)}
    found: dict[str, Any] = {"owners": [_owner(uow, row) for row in uow.session.execute(_OWNERS, values)]}
    for name, query in _OF_ENTERPRISES.items():
        found[name] = list(uow.session.execute(text(query), {"enterprises": values["enterprises"]}).scalars())
    found["rows_of_imports"] = [
        {"file": row.name, "sheet": row.sheet, "row": row.row, "outcome": row.outcome,
         "cells": shown_cells(decode_record(row.record), None)}
        for row in uow.session.execute(_ROWS, values)
    ]  # fmt: skip
    return found


def _owner(uow: UnitOfWork, row: Any) -> dict[str, Any]:
    nik = None if row.nik_ciphertext is None else open_nik(uow, row.nik_ciphertext, row.id)
    return {**row.shown, "nik": nik}
