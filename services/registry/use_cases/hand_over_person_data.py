"""Put what all services know about a person into one file, for the officer who hands it over."""

from __future__ import annotations

import io
import zipfile
from typing import Any, Final

import orjson

from chassis.files import FileStore
from chassis.personal_data import open_part
from chassis.sealing import open_sealed
from chassis.settings import Settings
from chassis.unit_of_work import UnitOfWork
from contracts import identity_numbers
from contracts.errors import PlutError
from services.registry.domain.person_page import person_page
from services.registry.queries.person_requests import person_request_of
from services.registry.storage.looks import note_look
from services.registry.storage.tables import person_request as table

FOLDER: Final = "registry/handed-over"


def hand_over_person_data(*, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
    """The file, which lives until it has been sent. Raises `registry.person-data-not-found` before it is ready, and later."""
    row = person_request_of(uow, request["id"], lock=True)
    if row.kind != "export" or row.state == "open":
        missing = ", ".join(sorted(row.awaited))
        raise PlutError(
            "registry.person-data-not-found",
            f"There is no file (yet). Still missing: {missing}." if missing else "An erasure has no file.",
            f"Berkas belum ada. Masih ditunggu: {missing}." if missing else "Penghapusan tidak menghasilkan berkas.",
        )
    files = FileStore(Settings.from_environment())
    key = f"{FOLDER}/{uow.new_id()}.zip"
    with files.open(key, "wb") as target:
        target.write(_archive(row, _shown(uow, _parts(uow, files, row))))
    uow.audit(
        "person.export-handed-over",
        subject=row.enterprise,
        unit=row.unit,
        detail={"request": str(row.id), "what": "data"},
        purpose=request["purpose"],
    )
    # an owner's own fetch is no look of somebody else's, and what a helper fetches has no number in it
    if uow.owners is None:
        note_look(uow, row.enterprise, row.unit, what="data", purpose=request["purpose"])
    if row.state == "ready":
        closed = {"state": "closed", "closed_at": uow.now, "closed_by": uow.context.account}
        uow.session.execute(table.update().where(table.c.id == row.id).values(closed | {"version": row.version + 1}))
    return {"file": key, "name": f"data-pribadi-{row.id}.zip", "media_type": "application/zip", "once": True}


def _parts(uow: UnitOfWork, files: FileStore, row: Any) -> dict[str, dict[str, Any]]:
    if row.private_key is None:
        raise PlutError(
            "registry.person-data-not-found",
            "The person had their data destroyed since; the file is gone with it.",
            "Data orang ini sudah dihapus atas permintaannya; berkasnya ikut terhapus.",
        )
    private = open_sealed(uow, bytes(row.private_key), about=row.id.bytes)
    parts = {}
    for each in sorted(row.answers, key=lambda answer: str(answer["service"])):
        try:
            with files.open(each["part"]) as source:
                parts[each["service"]] = open_part(source.read(), private)
        except FileNotFoundError:
            raise PlutError(
                "registry.person-data-not-found",
                "The file has been there for a week and was removed. Ask anew.",
                "Berkas sudah dihapus setelah satu minggu. Ajukan permintaan baru.",
            ) from None
    return parts


def _shown(uow: UnitOfWork, parts: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """As the caller may see them: who acts for an owner sees the owner's number as everybody does, masked."""
    if uow.context.on_behalf_of is None:
        return parts
    shown: dict[str, dict[str, Any]] = orjson.loads(identity_numbers.hidden(orjson.dumps(parts).decode()))
    for owner in shown.get("registry", {}).get("owners", []):
        owner["nik"] = None
    return shown


def _archive(row: Any, parts: dict[str, dict[str, Any]]) -> bytes:
    page = person_page(request=str(row.id), requested_at=row.requested_at.isoformat(timespec="minutes"), parts=parts)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data-pribadi.html", page)
        for service, content in parts.items():
            archive.writestr(f"{service}.json", orjson.dumps(content, option=orjson.OPT_INDENT_2))
    return held.getvalue()
