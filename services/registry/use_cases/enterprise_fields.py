"""An enterprise's fields, from a request into its row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, text

from chassis.unit_of_work import UnitOfWork
from contracts.errors import INVALID_REQUEST, PlutError
from services.registry.storage import tables
from services.registry.storage.enterprises import Enterprise
from services.registry.storage.people import phone_of

_PLAIN = (
    "name", "kind", "latitude", "longitude", "email", "nib", "kbli", "kbli_version", "products", "channels", "founded",
    "founded_precision", "state",
)  # fmt: skip
_ADDRESS = ("street", "rt", "rw", "village", "district", "postcode")
_PERSONAL_NPWP = 16


def apply_fields(uow: UnitOfWork, found: Enterprise, request: Mapping[str, Any]) -> set[str]:
    """Put what is asked for into an enterprise's row; returns the names of the fields that changed.

    Raises PlutError `invalid-request` that names the field: a place or a KBLI code that doesn't exist, a village in
    another district.
    """
    before = dict(found.row)
    row = found.row
    row |= {name: request[name] for name in _PLAIN if name in request}
    row |= {name: request["address"][name] for name in _ADDRESS if name in request.get("address", {})}
    if "phone" in request:
        row["phone"] = phone_of(request["phone"], "phone")
    if "npwp" in request:
        row["npwp"] = _npwp(request["npwp"])
    if request.get("founded") and not request.get("founded_precision"):
        row["founded_precision"] = "day"
    changed = {name for name in row if row[name] != before.get(name)}
    if changed & {"village", "district"}:
        _check_place(uow, row, changed)
    if row["kbli"] and changed & {"kbli", "kbli_version"}:
        _check_kbli(uow, row, asked=request.get("kbli_version"))
    return {name for name in row if row[name] != before.get(name)}


def _npwp(number: str | None) -> str | None:
    if number is not None and len(number) == _PERSONAL_NPWP and number[0] != "0":
        # it is the owner's NIK, which is kept encrypted and in one place only
        raise _wrong(
            "npwp",
            "This NPWP is the owner's NIK: give it as owner.nik.",
            "NPWP ini adalah NIK pemilik: isikan pada owner.nik.",
        )
    return number


def _check_place(uow: UnitOfWork, row: dict[str, Any], changed: set[str]) -> None:
    village, district = row["village"], row["district"]
    if village and ("village" in changed or district):
        inside = village.rpartition(".")[0]
        if "district" in changed and district and inside != district:
            if "village" not in changed:
                row["village"] = village = None
            else:
                raise _wrong(
                    "address.village",
                    "The village is not in that district.",
                    "Kelurahan/desa itu tidak di kecamatan tersebut.",
                )
        elif "village" in changed:
            row["district"] = district = inside
    known = set(
        uow.session.execute(
            select(tables.region.c.code).where(tables.region.c.code.in_([each for each in (village, district) if each]))
        ).scalars()
    )
    if not uow.session.execute(text("SELECT EXISTS (SELECT FROM region)")).scalar():
        return
    for field, code in (("address.village", village), ("address.district", district)):
        if code and code not in known:
            raise _wrong(field, f"There is no region {code}.", f"Tidak ada wilayah {code}.")


def _check_kbli(uow: UnitOfWork, row: dict[str, Any], *, asked: int | None) -> None:
    versions = uow.session.execute(
        select(tables.kbli.c.version).where(tables.kbli.c.code == row["kbli"]).order_by(tables.kbli.c.version.desc())
    ).scalars().all()  # fmt: skip
    if asked is None and versions:
        row["kbli_version"] = versions[0]
    elif not versions or row["kbli_version"] not in versions:
        if uow.session.execute(text("SELECT EXISTS (SELECT FROM kbli)")).scalar():
            raise _wrong("kbli", f"There is no KBLI code {row['kbli']}.", f"Tidak ada kode KBLI {row['kbli']}.")
        row["kbli_version"] = asked or 2025


def _wrong(field: str, en: str, indonesian: str) -> PlutError:
    return PlutError(INVALID_REQUEST, en, indonesian, fields={field: [indonesian, en]})
