"""Lists whose headers nobody understands: what a person is shown of them, and reading them as the person says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from services.registry.domain.importing import ImportPlan, read_plan
from services.registry.domain.importing.content import samples
from services.registry.domain.importing.likely import likely_layout
from tests.unit.registry.support import batam

BATAM = batam()
ODD = ["Kode A", "Juragan", "Lapak", "Kontak"]
PEOPLE = [
    ["A1", "Siti Rahmawati", "Dapur Siti", "0812-3456-7890"],
    ["A2", "Ani Wijaya", "Toko Ani", "0812-9876-5432"],
    ["A3", "Budi Santoso", "Bengkel Budi", "0812-1111-2222"],
]
LETTERS = {"B": "owner_name", "C": "name"}


class Sheet:
    """A sheet in memory."""

    hidden = False
    merged: Sequence[Any] = ()

    def __init__(self, rows: list[list[Any]], name: str = "Lembar1") -> None:
        self.name = name
        self._rows = rows

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        yield from enumerate(self._rows, start=1)


def planned(*sheets: Sheet, mapping: dict[str, str] | None = None) -> ImportPlan:
    return read_plan(sheets, gazetteer=BATAM, known_kbli={}, today=dt.date(2026, 1, 2), mapping=mapping)


def names(plan: ImportPlan) -> list[tuple[str | None, str | None]]:
    return [(row.record.owner_name, row.record.name) for row in plan.rows() if row.record]


WHOLE = [(row[1], row[2]) for row in PEOPLE]


def test_what_is_found_is_shown_without_showing_people() -> None:
    plan = planned(Sheet([["DAFTAR", "", "", ""], ODD, *PEOPLE]))
    (sheet,) = plan.sheets
    assert not plan.is_readable
    assert sheet.state == "no_header"
    assert sheet.layout is not None
    assert sheet.layout.header_rows == (2,)
    assert [(column.letter, column.header) for column in sheet.layout.columns] == list(zip("ABCD", ODD, strict=True))
    assert sheet.layout.columns[1].samples == ("S*** R********", "A** W*****", "B*** S******")
    assert sheet.layout.columns[3].samples[0] == "****-****-****"


@pytest.mark.parametrize(
    ("rows", "mapping"),
    [
        ([ODD, *PEOPLE], LETTERS),
        ([["DAFTAR PELAKU", "", "", ""], ["", "", "", ""], ODD, *PEOPLE], LETTERS),
        ([ODD, ["(1)", "(2)", "(3)", "(4)"], *PEOPLE], LETTERS),
        ([ODD, *PEOPLE], {"juragan": "owner_name", "LAPAK": "name"}),
        (PEOPLE, LETTERS),
        ([[str(number), *row[1:3]] for number, row in enumerate(PEOPLE, start=1)], LETTERS),
        ([[float(number), *row[1:3]] for number, row in enumerate(PEOPLE, start=1)], LETTERS),
    ],
    ids=[
        "header",
        "title",
        "numbering",
        "by header",
        "no header",
        "no header, counted",
        "no header, counted by number",
    ],
)
def test_read_as_a_person_says(rows: list[list[Any]], mapping: dict[str, str]) -> None:
    assert names(planned(Sheet(rows), mapping=mapping)) == WHOLE


def test_what_speaks_for_itself_is_read_beside_the_mapping() -> None:
    records = [row.record for row in planned(Sheet([ODD, *PEOPLE]), mapping=LETTERS).rows()]
    assert [record.phones for record in records if record] == [
        ("+6281234567890",),
        ("+6281298765432",),
        ("+6281211112222",),
    ]


def test_a_mapping_without_names_reads_nothing() -> None:
    assert not planned(Sheet([ODD, *PEOPLE]), mapping={"A": "notes"}).is_readable


def test_notes_beside_a_list_that_is_understood_stay_notes() -> None:
    understood = Sheet([["Pemilik", "Nama Pemilik", "Nama Usaha", "No HP"], *PEOPLE], "Data")
    notes = Sheet([["Catatan", "dari", "petugas", "lapangan", "tahun", "ini"]] * 3, "Catatan")
    plan = planned(understood, notes, mapping=LETTERS)
    assert [sheet.state for sheet in plan.sheets] == ["read", "no_header"]
    assert names(plan) == WHOLE


def test_a_field_that_there_is_not() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        likely_layout([(1, ODD)], mapping={"A": "nonsense"}, gazetteer=BATAM)


def test_samples_show_shapes() -> None:
    assert samples(["Siti", "", "-", "Siti", "2171034107900001", "30 juta", "L"]) == (
        "S***",
        "****************",
        "** j***",
    )
