"""Finding enterprises by words as people mistype them, by numbers, by filters; page by page; and as a file."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
import pytest

from chassis import jobs
from contracts.api import registry as api
from services.registry.queries.search_enterprises import search_enterprises
from services.registry.use_cases.export_enterprises import start_export
from tests.service.registry.registry import Registry

NIK = "2171034107900001"


def found(registry: Registry, scope: str = "21.71", **request: Any) -> list[str]:
    page = registry.call(api.SearchEnterprises, search_enterprises, scope=scope, **request)
    return [item["name"] for item in page["items"]]


@pytest.fixture
def filled(registry: Registry) -> Registry:
    registry.register(
        "Dapur Siti", "Siti Rahmawati", products="Rendang kemasan", owner_fields={"nik": NIK}, kbli="10750"
    )
    registry.register("Kerajinan Kerang Uni", "Fatimah Hasibuan", products="Kerajinan kerang", phone="0778-460001")
    registry.register(
        "Bengkel Joko", "Joko Susanto", products="Bengkel motor", nib="9120001234567", sales=3_000_000_000
    )
    registry.register("=HYPERLINK(1)", "Budi Gunawan", products="Percetakan")
    return registry


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("dapur siti", "Dapur Siti"),
        ("dapr siti", "Dapur Siti"),
        ("dapur sitti", "Dapur Siti"),
        ("dpaur siti", "Dapur Siti"),
        ("dapursiti", "Dapur Siti"),
        ("da pur siti", "Dapur Siti"),
        ("siti rahmawatti", "Dapur Siti"),
        ("rendang", "Dapur Siti"),
        ("kerajian kerang", "Kerajinan Kerang Uni"),
        ("fatima hasibuan", "Kerajinan Kerang Uni"),
        ("bengkel djoko", "Bengkel Joko"),
    ],
)
def test_typing_mistakes_are_forgiven(filled: Registry, words: str, name: str) -> None:
    assert found(filled, q=words)[0] == name


def test_numbers_and_filters(filled: Registry) -> None:
    assert found(filled, nib="9120001234567") == ["Bengkel Joko"]
    assert found(filled, phone="(0778) 460001") == ["Kerajinan Kerang Uni"]
    assert found(filled, nik=NIK) == ["Dapur Siti"]
    assert found(filled, kbli="107") == ["Dapur Siti"]
    assert found(filled, section="C") == ["Dapur Siti"]
    assert found(filled, size="small") == ["Bengkel Joko"]
    assert found(filled, owner="joko") == ["Bengkel Joko"]
    assert found(filled, q="joko", size="micro") == []
    assert found(filled, q="zzzzzz") == []


def test_nobody_elses(filled: Registry) -> None:
    assert found(filled, scope="21.72", q="dapur siti") == []
    assert found(filled, scope="21.72") == []
    assert len(found(filled, scope="21")) == 4


@pytest.mark.parametrize(
    "request_", [{}, {"sort": "name"}, {"sort": "registered"}, {"sort": "-updated"}, {"q": "siti joko uni budi"}]
)
def test_pages_hold_everything_once(filled: Registry, request_: dict[str, Any]) -> None:
    seen: list[str] = []
    cursor = None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = filled.call(api.SearchEnterprises, search_enterprises, limit=1, **request_, **more)
        seen += [item["name"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen))
    assert seen == found(filled, **request_)


def test_an_export_by_nik_keeps_no_nik(filled: Registry) -> None:
    job = filled.call(api.StartExport, start_export, format="csv", search={"unit": "21.71", "nik": NIK})
    assert NIK not in str(filled.look.execute("SELECT to_jsonb(j) FROM plut.job j").fetchall())
    assert "params" not in filled.call(api.GetJob, lambda uow, request: jobs.get_job(uow, request["id"]), id=job)
    filled.run_jobs()
    row = filled.look.execute("SELECT to_jsonb(j) FROM plut.job j").fetchone()
    assert row is not None
    assert (row[0]["state"], row[0]["result"]["rows"]) == ("succeeded", 1)
    assert NIK not in str(row)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_search_as_a_file(filled: Registry, kind: str) -> None:
    job = filled.call(api.StartExport, start_export, format=kind, search={"unit": "21.71"})
    filled.run_jobs()
    row = filled.look.execute("SELECT state, result FROM plut.job WHERE id = %s", (job,)).fetchone()
    assert row is not None
    state, result = row
    assert (state, result["rows"]) == ("succeeded", 4)
    with filled.files.open(result["file"]) as file:
        content = file.read()
    if kind == "csv":
        lines = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
        assert {line["nama_usaha"] for line in lines} >= {"Dapur Siti", "'=HYPERLINK(1)"}
        assert NIK not in content.decode("utf-8-sig")
    else:
        assert content[:2] == b"PK"


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\uff1d"])
def test_no_cell_of_an_export_is_a_formula(registry: Registry, beginning: str) -> None:
    text = f"{beginning}HYPERLINK(1)"
    registry.register(f"{text} A", f"{text} Siti", products=f"kue;{text}", address={"street": text})
    cells = {kind: export(registry, kind) for kind in ("csv", "xlsx")}
    assert cells["csv"] == cells["xlsx"], "the same in both"
    row = cells["csv"][1]
    assert [cell for cell in row if "HYPERLINK" in cell] == [
        f"'{text} A", f"'{text} Siti", f"kue;'{text}", f"'{text}",
    ]  # fmt: skip


def export(registry: Registry, kind: str) -> list[list[str]]:
    """The rows of an export, as a spreadsheet program has them: a formula would be one."""
    registry.call(api.StartExport, start_export, format=kind, search={"unit": "21.71"})
    registry.run_jobs()
    row = registry.look.execute("SELECT result FROM plut.job ORDER BY id DESC LIMIT 1").fetchone()
    assert row is not None
    with registry.files.open(row[0]["file"]) as file:
        content = file.read()
    if kind == "csv":
        return list(csv.reader(content.decode("utf-8-sig").splitlines()))
    (sheet,) = openpyxl.load_workbook(io.BytesIO(content)).worksheets
    assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"s", "n"}
    return [["" if cell.value is None else str(cell.value) for cell in line] for line in sheet.iter_rows()]
