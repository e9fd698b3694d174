"""Importing an office's list: once, twice, in two formats, undone, decided by a person, refused."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import xlsxwriter

from contracts.api import registry as api
from contracts.errors import PlutError
from services.registry.queries.imports import get_import_report, import_view, list_import_rows
from services.registry.use_cases import take_back_rows
from services.registry.use_cases.steer_import import (
    commit_import,
    decide_import_row,
    resume_import,
    set_import_mapping,
    stop_import,
    undo_import,
)
from services.registry.use_cases.update_enterprise import update_enterprise
from tests.service.registry.registry import DATA, Registry

LIST = DATA / "sample-umkm-300.xlsx"
LICENCES = DATA / "sample-oss-80.csv"


def counts(registry: Registry) -> dict[str, int]:
    tables = ("enterprise", "owner", "measurement", "duplicate", "search_entry", "plut.outbox")
    return {name: registry.look.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}  # type: ignore[arg-type,index]


def test_a_list_is_taken_in(registry: Registry) -> None:
    started = registry.begin_import(LIST)
    registry.run_jobs()
    state, outcomes, rows, error = registry.import_row(started["id"])
    assert (state, error) == ("completed", None)
    assert rows == sum(outcomes.values())
    made = outcomes["new"] + outcomes["review"]
    assert counts(registry)["enterprise"] == counts(registry)["search_entry"] == made
    names = registry.event_names()
    assert names.count("enterprise-registered") == made
    assert names[-1] == "import-completed"
    sequences = registry.events("subject", "convert_from(body, 'UTF8')::jsonb ->> 'sequence'")
    assert len(set(sequences)) == len(sequences)
    records = registry.look.execute("SELECT record FROM import_row WHERE record IS NOT NULL").fetchall()
    assert not any(re.search(rb"(?<!\d)[1-9]\d{15}(?!\d)", row[0]) for row in records)
    report = registry.report(started["id"])
    assert len(report) == rows
    assert list(report[0]) == ["sheet", "row", "outcome", "enterprise", "candidate", "reasons"]


@pytest.mark.parametrize("files", [(LIST,), (LIST, LICENCES)], ids=["once", "with licences"])
def test_importing_again_changes_nothing(registry: Registry, files: tuple[Path, ...]) -> None:
    for file in files:
        registry.take_in(file)
    before = counts(registry)
    for file in files:
        state, outcomes, rows, _ = registry.take_in(file)
        assert (state, outcomes["same"] + outcomes["broken"]) == ("completed", rows)
    assert counts(registry) == before


@pytest.mark.parametrize("chunk", [2_000, 7], ids=["in one step", "in many"])
def test_a_licence_export_fills_blanks_and_undoing_it_empties_them(
    registry: Registry, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(take_back_rows, "CHUNK", chunk)
    registry.take_in(LIST)
    before = blanks(registry)
    started = registry.begin_import(LICENCES)
    registry.run_jobs()
    assert registry.event_names().count("enterprise-updated") > 0
    assert blanks(registry) != before
    assert undo(registry, started["id"]) == []
    assert blanks(registry) == before


def test_what_several_rows_have_filled_in_one_record_is_emptied_step_by_step(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(take_back_rows, "CHUNK", 1)
    first, second = tmp_path / "daftar.csv", tmp_path / "lengkap.csv"
    first.write_text("Nama Pemilik,Nama Usaha,No HP\nSiti Rahmawati,Dapur Siti,081234567890\n")
    second.write_text(
        "Nama Pemilik,Nama Usaha,No HP,NIB,Produk\n"
        "Siti Rahmawati,Dapur Siti,081234567890,1234567890123,\n"
        "Joko Susanto,Warung Joko,081234567891,,\n"
        "Siti Rahmawati,Dapur Siti,081234567890,,Rendang\n"
    )
    registry.take_in(first)
    before = blanks(registry)
    started = registry.begin_import(second)
    registry.run_jobs()
    assert ("1234567890123", "Rendang") in [(row[1], row[3]) for row in blanks(registry)]
    assert undo(registry, started["id"]) == []
    assert blanks(registry) == before


@pytest.mark.parametrize(
    "ask", [(api.UndoImport, undo_import), (api.ResumeImport, resume_import)], ids=["undo", "resume"]
)
def test_an_undo_that_failed_goes_on_when_it_is_asked_for_again(
    registry: Registry, ask: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(take_back_rows, "CHUNK", 100)
    started = registry.begin_import(LIST)
    registry.run_jobs()
    with monkeypatch.context() as broken:
        broken.setattr(take_back_rows, "_made", fails_below(100, take_back_rows._made))
        registry.call(api.UndoImport, undo_import, id=started["id"])
        registry.run_jobs()
    state, _, _, error = registry.import_row(started["id"])
    assert (state, error["code"]) == ("failed", "internal")
    assert registry.call(api.GetImportReport, get_import_report, id=started["id"])["name"].endswith(".csv")
    assert 0 < counts(registry)["enterprise"] < 200
    registry.call(*ask, id=started["id"])
    registry.run_jobs()
    assert undone(registry, started["id"]) == []
    assert counts(registry)["enterprise"] == 0
    assert registry.import_row(started["id"])[3] is None


def fails_below(row: int, made: Callable[[Any, Any, int], Any]) -> Callable[[Any, Any, int], Any]:
    def one(connection: Any, import_: Any, after: int) -> Any:
        if after < row:
            raise ArithmeticError
        return made(connection, import_, after)

    return one


def test_what_stayed_goes_once_nothing_is_built_on_it_any_more(registry: Registry) -> None:
    first, second = registry.begin_import(LIST), registry.begin_import(LICENCES)
    registry.run_jobs()
    assert {line["code"] for line in undo(registry, first["id"])} == {"other_import"}
    assert undo(registry, second["id"]) == []
    assert undo(registry, first["id"]) == []
    assert counts(registry)["enterprise"] == 0


def undo(registry: Registry, import_id: str) -> list[Any]:
    """Take an import back; returns what stayed."""
    registry.call(api.UndoImport, undo_import, id=import_id)
    registry.run_jobs()
    return undone(registry, import_id)


def undone(registry: Registry, import_id: str) -> list[Any]:
    """What stayed of an import that was taken back."""
    view = registry.call(api.GetImport, lambda uow, request: import_view(uow, request["id"]), id=import_id)
    assert view["state"] == "undone"
    return list(view["kept"])


def blanks(registry: Registry) -> list[Any]:
    return registry.look.execute(
        "SELECT e.id, e.nib, e.kbli, e.products, e.street, e.village, e.district, o.phone, o.email"
        " FROM enterprise e JOIN owner o ON o.id = e.owner_id ORDER BY e.id"
    ).fetchall()


def test_undoing_takes_everything_back_but_what_was_built_on(registry: Registry) -> None:
    started = registry.begin_import(LIST)
    registry.run_jobs()
    kept = registry.look.execute("SELECT id, version FROM enterprise ORDER BY id LIMIT 1").fetchone()
    assert kept is not None
    registry.call(api.UpdateEnterprise, update_enterprise, id=kept[0], expected_version=kept[1], products="Lain")
    stayed = undo(registry, started["id"])
    assert [(line["enterprise"], line["code"]) for line in stayed] == [(str(kept[0]), "changed")]
    left = counts(registry)
    assert (left["enterprise"], left["owner"], left["search_entry"]) == (1, 1, 1)
    again = registry.take_in(LIST)
    assert again[0] == "completed"
    assert counts(registry)["enterprise"] == again[1]["new"] + again[1]["review"] + 1


def test_a_preview_writes_nothing_until_it_is_committed(registry: Registry) -> None:
    started = registry.begin_import(LIST, commit=False)
    registry.run_jobs()
    assert registry.import_row(started["id"])[0] == "preview"
    assert counts(registry)["enterprise"] == 0
    page = registry.call(api.ListImportRows, list_import_rows, id=started["id"], limit=5)
    assert len(page["items"]) == 5
    more = registry.call(api.ListImportRows, list_import_rows, id=started["id"], limit=5, cursor=page["next"])
    assert more["items"][0]["number"] == 6
    again = registry.begin_import(LIST, commit=False)
    assert again["id"] == started["id"]
    registry.call(api.CommitImport, commit_import, id=started["id"])
    registry.run_jobs()
    assert registry.import_row(started["id"])[0] == "completed"
    assert counts(registry)["enterprise"] > 0


def test_a_person_decides_a_row(registry: Registry, tmp_path: Path) -> None:
    file = tmp_path / "ragu.csv"
    file.write_text(
        "Nama Pemilik,Nama Usaha,No HP,Kecamatan,Omzet\n"
        "Siti Rahmawati,Dapur Siti,081234567890,Batu Ampar,30000000\n"
        "Siti Rahmawati,Rendang Uni,081234567890,Batu Ampar,30000000\n"
        "Siti Rahma,Dapur Siti Jaya,,Batu Ampar,31000000\n"
    )
    started = registry.begin_import(file, commit=False)
    registry.run_jobs()
    rows = registry.call(api.ListImportRows, list_import_rows, id=started["id"], outcome="review")["items"]
    for row in rows:
        registry.call(api.DecideImportRow, decide_import_row, id=started["id"], row=row["number"], decision="same")
    registry.call(api.CommitImport, commit_import, id=started["id"])
    registry.run_jobs()
    assert counts(registry)["enterprise"] == 3 - len(rows)
    assert counts(registry)["duplicate"] == 0


def test_a_mapping_is_corrected_and_kept_for_the_next_file(registry: Registry, tmp_path: Path) -> None:
    rows = "Siti,Dapur Siti,081234567890,Batu Ampar\nAni Wijaya,Toko Ani,081298765432,Nongsa\n"
    first = tmp_path / "aneh.csv"
    first.write_text("Nama Pemilik,Nama Usaha,Kolom X,Kecamatan\n" + rows)
    started = registry.begin_import(first, commit=False)
    registry.run_jobs()
    with pytest.raises(PlutError, match="invalid-request"):
        registry.call(api.SetImportMapping, set_import_mapping, id=started["id"], mapping={"C": "nonsense"})
    registry.call(api.SetImportMapping, set_import_mapping, id=started["id"], mapping={"C": "ignore"})
    registry.run_jobs()
    assert shown(registry, started["id"])[0].get("phones") is None
    second = tmp_path / "aneh-lagi.csv"
    second.write_text("Nama Pemilik,Nama Usaha,Kolom X,Kecamatan\n" + rows + "Budi,Bengkel Budi,081211112222,Nongsa\n")
    later = registry.begin_import(second, commit=False)
    registry.run_jobs()
    assert [cells.get("phones") for cells in shown(registry, later["id"])] == [None] * 3


def shown(registry: Registry, import_id: Any) -> list[dict[str, Any]]:
    page = registry.call(api.ListImportRows, list_import_rows, id=import_id)
    return [row["cells"] for row in page["items"]]


def test_stopping_and_going_on(registry: Registry) -> None:
    started = registry.begin_import(LIST)
    stopped = registry.call(api.StopImport, stop_import, id=started["id"])
    assert stopped["state"] == "stopped"
    registry.run_jobs()
    assert counts(registry)["enterprise"] == 0
    registry.call(api.ResumeImport, resume_import, id=started["id"])
    registry.run_jobs()
    assert registry.import_row(started["id"])[0] == "completed"


def unreadable(folder: Path, kind: str) -> Path:
    file = folder / f"{kind}.xlsx"
    if kind == "empty":
        file.write_bytes(b"")
    elif kind == "photograph":
        file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    elif kind == "header-only":
        file.write_text("halo dunia\n")
    else:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("anything.txt", "nothing")
    return file


@pytest.mark.parametrize("kind", ["empty", "photograph", "header-only", "plain-zip"])
def test_what_is_no_list_gets_a_clear_answer(registry: Registry, tmp_path: Path, kind: str) -> None:
    state, _, _, error = registry.take_in(unreadable(tmp_path, kind))
    assert state == "failed"
    assert error["code"] == "registry.file-refused"
    assert error["message_id"] != error["message_en"]
    assert counts(registry)["enterprise"] == 0


def test_the_scorer_is_content_with_the_real_files(registry: Registry, shared_folder: Path, tmp_path: Path) -> None:
    truth = shared_folder / "data" / "imports" / "truth-2171-5000.csv"
    lines: list[str] = []
    for name in ("dinas-2171-5000.xlsx", "oss-2171-5000.csv"):
        started = registry.begin_import(shared_folder / "data" / "imports" / name)
        registry.run_jobs()
        report = registry.copy_report(started["id"], tmp_path / f"{name}.report.csv")
        if name.startswith("dinas"):
            score = subprocess.run(
                [
                    sys.executable,
                    str(shared_folder / "tools" / "score_import.py"),
                    str(report),
                    str(truth),
                    "--file",
                    name,
                    "--json",
                ],
                capture_output=True,
                check=False,
            )
            assert score.returncode == 0, score.stdout
            assert orjson.loads(score.stdout)["missing"] == 0
        else:
            outcomes = registry.import_row(started["id"])[1]
            lines = [line["outcome"] for line in registry.report(started["id"])]
            assert outcomes["same"] + outcomes["review"] >= 0.95 * len(lines)


ODD = "Kode,Juragan,Lapak,Kontak\n"
PEOPLE = (
    "A1,Siti Rahmawati,Dapur Siti,081234567890\n"
    "A2,Ani Wijaya,Toko Ani,081298765432\n"
    "A3,Budi Santoso,Bengkel Budi,081211112222\n"
)
LETTERS = {"B": "owner_name", "C": "name"}


def as_workbook(lines: str, to: Path) -> Path:
    with xlsxwriter.Workbook(to) as book:
        sheet = book.add_worksheet("Data")
        for number, line in enumerate(lines.splitlines()):
            sheet.write_row(number, 0, line.split(","))
    return to


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_headers_that_say_nothing_are_explained_by_a_person(registry: Registry, tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"aneh.{kind}"
    if kind == "csv":
        file.write_text(ODD + PEOPLE)
    else:
        as_workbook(ODD + PEOPLE, file)
    started = registry.begin_import(file)
    registry.run_jobs()
    refused = view(registry, started["id"])
    assert (refused["state"], refused["error"]["params"]["reason"]) == ("failed", "no_header")
    (sheet,) = refused["columns"].values()
    assert [(column["letter"], column["header"]) for column in sheet["columns"]] == list(
        zip("ABCD", ODD.strip().split(","), strict=True)
    )
    assert sheet["columns"][1]["samples"][0] == "S*** R********"
    assert not any(secret in str(refused) for secret in ("Rahmawati", "0812"))

    registry.call(api.SetImportMapping, set_import_mapping, id=started["id"], mapping=LETTERS)
    registry.run_jobs()
    done = view(registry, started["id"])
    assert (done["state"], done["outcomes"]["new"], done["error"]) == ("completed", 3, None)
    rows = registry.look.execute(
        "SELECT e.name, o.name, o.phone FROM enterprise e JOIN owner o ON o.id = e.owner_id ORDER BY 1"
    ).fetchall()
    assert rows[1] == ("Dapur Siti", "Siti Rahmawati", "+6281234567890")

    later = tmp_path / "aneh-lagi.csv"
    later.write_text(ODD + PEOPLE.replace("Dapur Siti", "Salon Siti"))
    assert registry.take_in(later)[0] == "completed"


def test_a_mapping_of_a_list_without_headers_isn_t_kept_for_others(registry: Registry, tmp_path: Path) -> None:
    file, other = tmp_path / "tanpa-judul.csv", tmp_path / "lain.csv"
    file.write_text(PEOPLE)
    other.write_text(PEOPLE.replace("A", "B"))
    started = registry.begin_import(file)
    registry.run_jobs()
    registry.call(api.SetImportMapping, set_import_mapping, id=started["id"], mapping=LETTERS)
    registry.run_jobs()
    assert view(registry, started["id"])["outcomes"]["new"] == 3
    assert registry.take_in(other)[0] == "failed"


def view(registry: Registry, import_id: Any) -> Any:
    return registry.call(api.GetImport, lambda uow, request: import_view(uow, request["id"]), id=import_id)


def test_the_same_file_with_another_mapping_is_read_again(registry: Registry, tmp_path: Path) -> None:
    file = tmp_path / "daftar.csv"
    file.write_text("Nama Pemilik,Nama Usaha,No HP,Kecamatan\n" + PEOPLE.replace("A1,", "").replace("A2,", ""))
    started = registry.begin_import(file, commit=False)
    registry.run_jobs()
    again = registry.begin_import(file, mapping={"D": "", "C": "ignore"})
    assert (again["id"], again["state"]) == (started["id"], "reading")
    with pytest.raises(PlutError, match="import-state-conflict"):
        registry.begin_import(file, mapping={"C": ""})
    registry.run_jobs()
    assert registry.import_row(started["id"])[0] == "completed"
    assert registry.look.execute("SELECT count(phone) FROM owner").fetchone() == (0,)


def test_no_cell_of_a_report_is_a_formula(registry: Registry, tmp_path: Path) -> None:
    file = tmp_path / "daftar.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("=1+1;@A1")
        sheet.write_row(0, 0, ["Nama Pemilik", "Nama Usaha", "No HP", "Omzet per Tahun"])
        sheet.write_row(1, 0, ["Siti Rahmawati", "Dapur Siti", "081234567890", "10 juta"])
        sheet.write_string(2, 0, "=cmd")
        sheet.write_string(2, 1, "@SUM(A1)")
        sheet.write_string(2, 3, "-x;=1")
    started = registry.begin_import(file)
    registry.run_jobs()
    report = registry.report(started["id"])
    assert {line["sheet"] for line in report} == {"'=1+1;'@A1"}
    for line in report:
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in line.values())
