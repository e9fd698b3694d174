"""An owner's fields, from a request into a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.unit_of_work import UnitOfWork
from contracts.errors import INVALID_REQUEST, PlutError
from services.registry.domain.identity import parse_nik
from services.registry.domain.phone import parse_phones
from services.registry.domain.problems import CellError, message_en, message_id
from services.registry.storage.nik_vault import hasher, seal_nik


def apply_owner(uow: UnitOfWork, row: dict[str, Any], request: Mapping[str, Any]) -> set[str]:
    """Put what is asked for into an owner's row; returns the names of the fields that changed.

    Raises PlutError `invalid-request` with the field for a NIK or a phone that can't be right.
    """
    before = dict(row)
    for name in ("name", "sex", "birth_date", "email"):
        if name in request:
            row[name] = request[name]
    if "phone" in request:
        row["phone"] = phone_of(request["phone"], "owner.phone")
    if "nik" in request:
        _apply_nik(uow, row, request)
    return {name for name in row if row[name] != before.get(name) and name != "nik_ciphertext"}


def phone_of(text: str | None, field: str) -> str | None:
    """A phone as E.164; raises PlutError `invalid-request`."""
    try:
        phones = parse_phones(text)
    except CellError as error:
        raise invalid(field, error) from None
    return phones[0] if phones else None


def _apply_nik(uow: UnitOfWork, row: dict[str, Any], request: Mapping[str, Any]) -> None:
    try:
        nik = parse_nik(request["nik"])
    except CellError as error:
        raise invalid("owner.nik", error) from None
    if nik is None:
        row |= {"nik_ciphertext": None, "nik_hash": None, "nik_shown": None, "nik_state": "missing"}
        return
    if row.get("nik_hash") in hasher().hashes(nik.digits):
        return
    row |= {
        "nik_ciphertext": seal_nik(uow, row["unit"], nik.digits, row["id"]),
        "nik_hash": hasher().hash(nik.digits),
        "nik_shown": nik.masked,
        "nik_state": "known",
    }
    if request.get("sex") is None and row.get("sex") is None:
        row["sex"] = "female" if nik.is_female else "male"
    if request.get("birth_date") is None and row.get("birth_date") is None:
        row["birth_date"] = nik.born(uow.now.date())


def invalid(field: str, error: CellError) -> PlutError:
    """A cell's problem as a request's."""
    return PlutError(
        INVALID_REQUEST,
        message_en(error.code, error.params),
        message_id(error.code, error.params),
        fields={field: [message_id(error.code, error.params), message_en(error.code, error.params)]},
    )
