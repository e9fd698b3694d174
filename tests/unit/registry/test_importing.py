import csv
import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.registry.domain.importing import DecidedRow, ImportedEnterprise, ReadRow, decide_rows, read_plan
from services.registry.domain.matching import MatchIndex
from services.registry.workbook import open_workbook
from tests.unit.registry.support import DATA, ROOT, FakeSheet, batam, hash_nik

TODAY = dt.date(2026, 12, 31)
SHARED = ROOT.parent / "shared"
HEADER = ["No", "Nama Pemilik", "NIK", "L/P", "HP", "Nama Usaha", "Produk", "Omzet / bulan", "Kelurahan", "Kecamatan"]
SITI = [
    1.0,
    "Siti Aminah",
    "2171026510820002",
    "P",
    "081234567890",
    "Dapur Siti",
    "Kue",
    "2,5 juta",
    "Belian",
    "Batam Kota",
]
BUDI = [
    2.0,
    "Budi Santoso",
    "2171020510820003",
    "L",
    "081234567891",
    "Bengkel Budi",
    "Bengkel",
    5e6,
    "Batu Besar",
    "Nongsa",
]


def read(rows: list[list[Any]], **more: Any) -> list[ReadRow]:
    sheets = more.pop("sheets", None) or [FakeSheet(rows)]
    return list(read_plan(sheets, gazetteer=batam(), known_kbli={}, today=TODAY, **more).rows())


def only(rows: list[list[Any]]) -> tuple[ImportedEnterprise, list[str]]:
    (row,) = read(rows)
    assert row.record is not None
    return row.record, [problem.code for problem in row.problems]


def changed(**cells: Any) -> list[Any]:
    names = dict(
        zip(
            ("no", "owner", "nik", "sex", "phone", "name", "product", "sales", "village", "district"),
            range(10),
            strict=True,
        )
    )
    row = list(SITI)
    for name, cell in cells.items():
        row[names[name]] = cell
    return row


def test_a_row_becomes_an_enterprise() -> None:
    record, problems = only([HEADER, SITI])
    assert problems == []
    assert record.nik is not None
    assert (record.name, record.owner_name, record.sales_per_year, record.is_female) == (
        "Dapur Siti",
        "Siti Aminah",
        30_000_000,
        True,
    )
    assert (record.phones, record.born) == (("+6281234567890",), dt.date(1982, 10, 25))
    assert record.village_code is not None
    assert record.village_code.startswith(str(record.district_code))


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"nik": 2171020000000000.0}, "nik_rounded"),
        ({"nik": "217102651082000"}, "nik_length"),
        ({"sex": "L"}, "sex_conflict"),
        ({"phone": "12345"}, "phone_invalid"),
        ({"sales": -5e6}, "money_negative"),
        ({"sales": "5 - 10 juta"}, "money_range"),
        ({"district": "Atlantis"}, "district_unknown"),
        ({"district": "Nongsa"}, "village_elsewhere"),
        ({"village": "Belain"}, "place_guessed"),
        ({"name": "-"}, "name_missing"),
    ],
)
def test_a_bad_cell_leaves_its_field_unknown_and_the_row_whole(cells: dict[str, Any], code: str) -> None:
    (row,) = read([HEADER, changed(**cells)])
    assert row.record is not None
    assert [problem.code for problem in row.problems] == [code]
    (problem,) = row.problems
    assert problem.severity == "warning"
    assert problem.column
    assert problem.message_id != problem.message_en


def test_only_a_row_without_any_name_is_broken() -> None:
    (row,) = read([HEADER, changed(name="", owner="-")])
    assert row.record is None
    assert [(problem.severity, problem.code) for problem in row.problems] == [("broken", "row_nameless")]


def test_no_problem_shows_a_nik() -> None:
    for bad in ("217102651082000", "21710299108200021", "2171 9999 9999 9999"):
        (row,) = read([HEADER, changed(nik=bad)])
        assert row.problems
        assert all("".join(bad.split())[4:12] not in repr(problem) for problem in row.problems)
    (row,) = read([HEADER, changed(phone="2171 0265 1082 0002")])
    assert [problem.value for problem in row.problems] == ["****"]


def test_what_is_not_data_is_passed_over() -> None:
    rows: list[list[Any]] = [
        ["DATA UMKM"], [], HEADER, [float(number) for number in range(1, 11)], SITI, [], HEADER, BUDI,
        ["", "Jumlah", 2.0, "", "", "", "", "", "", ""], ["", "", "", "", "", "", "", "Batam, 2 Januari 2026", "", ""],
        ["", "", "", "", "", "", "", "Kepala Dinas", "", ""], ["", "Drs. H. SUPARMAN", "", "", "", "", "", "", "", ""],
    ]  # fmt: skip
    assert [row.row for row in read(rows)] == [5, 8]


def test_sections_and_sheet_names_say_the_district() -> None:
    header, siti, budi = HEADER[:9], SITI[:9], BUDI[:9]
    sections = read([header, ["Kecamatan Batam Kota"], siti, ["", "KEC. NONGSA"], budi])
    sheets = read(
        [],
        sheets=[FakeSheet([header, siti], "Batam Kota"), FakeSheet([budi], "Nongsa"), FakeSheet([["x"]], "Petunjuk")],
    )
    for rows in (sections, sheets):
        codes = [row.record.district_code for row in rows if row.record]
        assert [batam().name(str(code)) for code in codes] == ["Batam Kota", "Nongsa"]


def decided(path: Path, index: MatchIndex[str]) -> list[DecidedRow[str]]:
    plan = read_plan(open_workbook(path).sheets, gazetteer=batam(), known_kbli={}, today=TODAY)
    return list(decide_rows(plan, index=index, hash_nik=hash_nik, new_ref=lambda row: f"{path.name} {row.row}"))


def test_the_sample_files_from_end_to_end() -> None:
    with (DATA / "sample-truth.csv").open(encoding="utf-8") as file:
        truth = {(row["file"], int(row["row"])): row["entity"] for row in csv.DictReader(file)}
    index: MatchIndex[str] = MatchIndex()
    entity: dict[str, str] = {}
    same = right = found = repeats = asked = 0
    for name in ("sample-umkm-300.xlsx", "sample-oss-80.csv"):
        rows = decided(DATA / name, index)
        assert {row.row for row in rows} == {place for file, place in truth if file == name}
        for row in rows:
            real = truth[name, row.row]
            target = row.enterprise if row.outcome == "same" else row.candidate
            hit = target is not None and entity[target] == real
            repeats += real in entity.values()
            found += hit
            same += row.outcome == "same"
            right += row.outcome == "same" and hit
            asked += row.outcome == "review"
            if row.outcome in ("new", "review") and row.enterprise is not None:
                entity.setdefault(row.enterprise, real)
    assert repeats == 32 + 80
    assert right / same >= 0.99
    assert found / repeats >= 0.95
    assert asked <= 0.02 * 380


def test_a_second_import_finds_everything_known() -> None:
    index: MatchIndex[str] = MatchIndex()
    first = decided(DATA / "sample-umkm-300.xlsx", index)
    again = decided(DATA / "sample-umkm-300.xlsx", index)
    assert {row.outcome for row in first} == {"new", "same", "review"}
    assert {row.outcome for row in again} == {"same"}


def test_the_sample_is_what_its_generator_writes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(DATA / "make_sample_workbook.py"), str(tmp_path)], check=True)
    for name in ("sample-truth.csv", "sample-oss-80.csv"):
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes()
    committed, fresh = (
        list(open_workbook(folder / "sample-umkm-300.xlsx").sheets[0].rows()) for folder in (DATA, tmp_path)
    )
    assert committed == fresh


@pytest.mark.shared
@pytest.mark.skipif(
    not (SHARED / "data" / "imports").is_dir(), reason="../shared with the offices' files is not beside the project"
)
def test_the_shared_files_reach_their_goals(tmp_path: Path) -> None:
    folder = SHARED / "data" / "imports"
    report = tmp_path / "report.csv"
    with report.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sheet", "row", "outcome", "enterprise", "candidate", "reasons"])
        for row in decided(folder / "dinas-2171-5000.xlsx", MatchIndex()):
            writer.writerow(
                [row.sheet, row.row, row.outcome, row.enterprise, row.candidate, "; ".join(row.reasons_id())]
            )
    tool = SHARED / "tools" / "score_import.py"
    command = [
        sys.executable,
        str(tool),
        str(report),
        str(folder / "truth-2171-5000.csv"),
        "--file",
        "dinas-2171-5000.xlsx",
    ]
    scored = subprocess.run(command, capture_output=True, text=True, check=False)
    assert scored.returncode == 0, scored.stdout
