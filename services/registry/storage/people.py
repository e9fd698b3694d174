"""An owner's fields, from a request into a row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from contracts.errors import INVALID_REQUEST, PlutError
from services.registry.domain.identity import parse_nik
from services.registry.domain.phone import parse_phones
from services.registry.domain.problems import CellError, message_en, message_id
from services.registry.storage.nik_vault import vault


def apply_owner(row: dict[str, Any], request: Mapping[str, Any], *, today: dt.date) -> set[str]:
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
        _apply_nik(row, request, today)
    return {name for name in row if row[name] != before.get(name) and name != "nik_ciphertext"}


def phone_of(text: str | None, field: str) -> str | None:
    """A phone as E.164; raises PlutError `invalid-request`."""
    try:
        phones = parse_phones(text)
    except CellError as error:
        raise invalid(field, error) from None
    return phones[0] if phones else None


def _apply_nik(row: dict[str, Any], request: Mapping[str, Any], today: dt.date) -> None:
    try:
        nik = parse_nik(request["nik"])
    except CellError as error:
        raise invalid("owner.nik", error) from None
    if nik is None:
        row |= {"nik_ciphertext": None, "nik_hash": None, "nik_shown": None, "nik_state": "missing"}
        return
    keys = vault()
    if keys.hash(nik.digits) == row.get("nik_hash"):
        return
    row |= {
        "nik_ciphertext": keys.encrypt(nik.digits, row["id"]),
        "nik_hash": keys.hash(nik.digits),
        "nik_shown": nik.masked,
        "nik_state": "known",
    }
    if request.get("sex") is None and row.get("sex") is None:
        row["sex"] = "female" if nik.is_female else "male"
    if request.get("birth_date") is None and row.get("birth_date") is None:
        row["birth_date"] = nik.born(today)


def invalid(field: str, error: CellError) -> PlutError:
    """A cell's problem as a request's."""
    return PlutError(
        INVALID_REQUEST,
        message_en(error.code, error.params),
        message_id(error.code, error.params),
        fields={field: [message_id(error.code, error.params), message_en(error.code, error.params)]},
    )
