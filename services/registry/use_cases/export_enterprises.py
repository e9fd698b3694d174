"""Write the result of a search into a file: CSV for programs, XLSX for people."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from chassis.database import driver_connection
from chassis.jobs import Work, start_job
from chassis.unit_of_work import UnitOfWork
from contracts.api.registry import SearchEnterprises
from services.registry.queries.search_enterprises import filters_of, found_by_words
from services.registry.storage.nik_vault import hasher
from services.registry.storage.spreadsheet_cells import harmless

JOB: Final = "export-enterprises"
FOLDER: Final = "registry/exports"
_STEP: Final = 5_000
_COLUMNS: Final = {
    "id": "e.id::text",
    "unit": "e.unit",
    "nama_usaha": "e.name",
    "pemilik": "o.name",
    "nik": "o.nik_shown",
    "jenis_kelamin": "CASE o.sex WHEN 'female' THEN 'P' WHEN 'male' THEN 'L' END",
    "telepon": "coalesce(o.phone, e.phone)",
    "email": "coalesce(o.email, e.email)",
    "bentuk": "e.kind",
    "produk": "e.products",
    "kbli": "e.kbli",
    "nib": "e.nib",
    "alamat": "e.street",
    "kelurahan": "v.name",
    "kecamatan": "d.name",
    "kode_kelurahan": "e.village",
    "tahun_berdiri": "extract(year FROM e.founded)::integer",
    "kelas": "e.size",
    "modal": "m.capital",
    "omzet": "m.sales",
    "tenaga_kerja": "m.workers",
    "status": "e.state",
    "terdaftar": "to_char(e.registered_at AT TIME ZONE 'Asia/Jakarta', 'YYYY-MM-DD')",
}


def start_export(*, uow: UnitOfWork, request: dict[str, Any]) -> Any:
    """Ask for the file, as a job; its result names the file. The export is written down: it is personal data.

    Raises PlutError `out-of-scope` for a unit that the caller doesn't cover.
    """
    if request["search"].get("unit"):
        uow.require_scope(request["search"]["unit"])
    search = SearchEnterprises().dump(request["search"])
    # a job's row is no place for a NIK
    nik = search.pop("nik", None)
    hashes = [each.hex() for each in hasher().hashes(nik)] if nik else None
    params = {"format": request["format"], "search": search, "nik_hashes": hashes}
    unit = request["search"].get("unit") or (uow.scopes[0] if uow.scopes else "")
    job = start_job(uow, JOB, unit=unit, params=params)
    uow.audit("enterprises.exported", subject=job, unit=unit, detail={"format": request["format"]})
    return job


def export_enterprises(*, work: Work) -> dict[str, Any]:
    """The job: rows come through a server-side cursor and go out as they come."""
    request = SearchEnterprises().load(work.params["search"])
    if work.params["nik_hashes"]:
        request["nik_hashes"] = [bytes.fromhex(each) for each in work.params["nik_hashes"]]
    kind = work.params["format"]
    key = f"{FOLDER}/{work.id}.{kind}"
    with UnitOfWork(work.database, work.context) as uow:
        rows = _counted(work, _rows(uow, request))
        count = (_write_csv if kind == "csv" else _write_xlsx)(work, key, rows)
    work.progress(count, count)
    return {
        "file": key,
        "name": f"usaha.{kind}",
        "media_type": _MEDIA[kind],
        "rows": count,
        "size": work.files.size(key),
    }


_MEDIA: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _rows(uow: UnitOfWork, request: dict[str, Any]) -> Iterator[Sequence[Any]]:
    condition, values = filters_of(uow, request)
    if request.get("q") or request.get("owner"):
        condition += " AND e.id = ANY(%s)"
        values += (found_by_words(uow, request),)
    with driver_connection(uow.session.connection()).cursor(name="export") as cursor:
        cursor.itersize = 2_000
        cursor.execute(
            f"SELECT {', '.join(_COLUMNS.values())} FROM enterprise e JOIN owner o ON o.id = e.owner_id"
            " LEFT JOIN region v ON v.code = e.village LEFT JOIN region d ON d.code = e.district"
            f" LEFT JOIN measurement m ON m.id = e.measurement_id WHERE true{condition} ORDER BY e.unit, e.id",
            values,
        )
        yield from cursor


def _counted(work: Work, rows: Iterator[Sequence[Any]]) -> Iterator[list[Any]]:
    for number, row in enumerate(rows, start=1):
        if number % _STEP == 0:
            work.progress(number, None, "writing")
        yield [harmless(value) for value in row]


def _write_csv(work: Work, key: str, rows: Iterator[list[Any]]) -> int:
    count = 0
    with work.files.open(key, "wb") as target, io.TextIOWrapper(target, "utf-8-sig", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(_COLUMNS)
        for count, row in enumerate(rows, start=1):  # noqa: B007 - the last is the number of rows
            writer.writerow(row)
    return count


def _write_xlsx(work: Work, key: str, rows: Iterator[list[Any]]) -> int:
    """Constant memory: the rows go through a temporary file; every text stays a text."""
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.xlsx"
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "tmpdir": folder}
        with xlsxwriter.Workbook(path, options) as book:
            sheet = book.add_worksheet("Usaha")
            sheet.write_row(0, 0, list(_COLUMNS), book.add_format({"bold": True}))
            sheet.freeze_panes(1, 0)
            for count, row in enumerate(rows, start=1):
                sheet.write_row(count, 0, row)
        with path.open("rb") as file:
            work.files.put(key, file)
    return count
