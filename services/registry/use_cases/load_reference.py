"""Load a reference list: regions (`code,name`) or business classifications (`code,title`)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any, Final

from chassis.database import driver_connection
from chassis.jobs import Work, start_job
from chassis.unit_of_work import UnitOfWork
from contracts.errors import PlutError

JOB: Final = "load-reference"
_LEVELS: Final = {2: "province", 5: "regency", 8: "district", 13: "village"}
_REGION: Final = re.compile(r"\d{2}(\.\d{2}(\.\d{2}(\.\d{4})?)?)?")
_KBLI: Final = re.compile(r"\d{5}")
#: First two digits up to which a section goes, KBLI 2025 (BPS 7/2025); 2020 differs only where J was divided.
_SECTIONS: Final = {
    2025: (("A", 3), ("B", 9), ("C", 33), ("D", 35), ("E", 39), ("F", 43), ("G", 47), ("H", 53), ("I", 56), ("J", 60),
           ("K", 63), ("L", 66), ("M", 68), ("N", 75), ("O", 82), ("P", 84), ("Q", 85), ("R", 88), ("S", 93), ("T", 96),
           ("U", 98), ("V", 99)),
    2020: (("A", 3), ("B", 9), ("C", 33), ("D", 35), ("E", 39), ("F", 43), ("G", 47), ("H", 53), ("I", 56), ("J", 63),
           ("K", 66), ("L", 68), ("M", 75), ("N", 82), ("O", 84), ("P", 85), ("Q", 88), ("R", 93), ("S", 96), ("T", 98),
           ("U", 99)),
}  # fmt: skip


def start_load(*, uow: UnitOfWork, request: dict[str, Any]) -> Any:
    """Ask for it, as a job."""
    params = {"kind": request["kind"], "file": request["file"], "version": request.get("version")}
    job = start_job(uow, JOB, unit="", params=params, lock=f"reference:{request['kind']}")
    uow.audit("reference.loaded", subject=job, detail={"kind": request["kind"]})
    return job


def load_reference(*, work: Work) -> dict[str, Any]:
    """The job: everything or nothing. Codes that the file lacks stay, because records may stand on them."""
    kind = work.params["kind"]
    rows = list(_region_rows(work) if kind == "regions" else _kbli_rows(work))
    work.progress(0, len(rows), "writing")
    with work.unit_of_work() as uow:
        (_store_regions if kind == "regions" else _store_kbli)(uow, rows)
    work.progress(len(rows), len(rows))
    return {"rows": len(rows)}


def _lines(work: Work, columns: tuple[str, str]) -> Iterator[tuple[int, str, str]]:
    with work.files.open(work.params["file"]) as file, io.TextIOWrapper(file, "utf-8-sig", newline="") as text:
        try:
            reader = csv.DictReader(text)
            if reader.fieldnames is None or not set(columns) <= set(reader.fieldnames):
                raise _refused(1, f"the first line must name the columns {' and '.join(columns)}")
            for row in reader:
                yield reader.line_num, (row[columns[0]] or "").strip(), (row[columns[1]] or "").strip()
        except (UnicodeDecodeError, csv.Error):
            raise _refused(0, "it is not a CSV file in UTF-8") from None


def _region_rows(work: Work) -> Iterator[tuple[Any, ...]]:
    for line, code, name in _lines(work, ("code", "name")):
        if not _REGION.fullmatch(code) or not name:
            raise _refused(line, "a code like 21.71.03 and a name are needed")
        yield code, code.rpartition(".")[0] or None, _LEVELS[len(code)], name


def _kbli_rows(work: Work) -> Iterator[tuple[Any, ...]]:
    version = work.params.get("version") or max(_SECTIONS)
    sections = _SECTIONS.get(version, _SECTIONS[max(_SECTIONS)])
    for line, code, title in _lines(work, ("code", "title")):
        if not _KBLI.fullmatch(code) or not title:
            raise _refused(line, "five digits and a title are needed")
        section = next((letter for letter, last in sections if int(code[:2]) <= last), None)
        yield version, code, section, title


def _store_regions(uow: UnitOfWork, rows: list[tuple[Any, ...]]) -> None:
    driver_connection(uow.session.connection()).execute(
        "INSERT INTO region (code, parent, level, name) SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[])"
        " ON CONFLICT (code) DO UPDATE SET name = excluded.name WHERE region.name <> excluded.name",
        tuple(map(list, zip(*rows, strict=True))) or ([], [], [], []),
    )


def _store_kbli(uow: UnitOfWork, rows: list[tuple[Any, ...]]) -> None:
    driver_connection(uow.session.connection()).execute(
        "INSERT INTO kbli (version, code, section, title) SELECT * FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[])"
        " ON CONFLICT (version, code) DO UPDATE SET section = excluded.section, title = excluded.title",
        tuple(map(list, zip(*rows, strict=True))) or ([], [], [], []),
    )


def _refused(line: int, what: str) -> PlutError:
    where = f"Line {line}: " if line else ""
    return PlutError(
        "registry.file-refused",
        f"The file can't be loaded. {where}{what}.",
        f"Berkas tidak dapat dimuat. {where}{what}.",
        line=line,
    )
