from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.storage.spreadsheet_cells import harmless

FORMULAS = "=+-@\uff1d\uff0b\uff0d\uff20"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"), ("+62812", "'+62812"), ("-2", "'-2"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"), ("\n=1", "'\n'=1"), ("\uff1d1", "'\uff1d1"), ("kue;=cmd|'/c calc'!A1", "kue;'=cmd|'/c calc'!A1"),
        ('a; "=1', "a; \"'=1"), ("Dapur Siti", "Dapur Siti"), ("a = b", "a = b"), ("", ""), ("a;b", "a;b"),
    ],
)  # fmt: skip
def test_what_begins_like_a_formula_gets_an_apostrophe(text: str, cell: str) -> None:
    assert harmless(text) == cell


@pytest.mark.parametrize("value", [-5, -1.5, None, True])
def test_what_is_no_text_stays(value: object) -> None:
    assert harmless(value) is value


@given(st.lists(st.text(alphabet='=+-@;, \t\n"ab', max_size=12), min_size=1, max_size=4))
def test_no_cell_is_a_formula_whatever_parts_the_columns(texts: list[str]) -> None:
    written = io.StringIO()
    csv.writer(written).writerow([harmless(text) for text in texts])
    for delimiter in ",;\t":
        for row in csv.reader(io.StringIO(written.getvalue(), newline=""), delimiter=delimiter):
            # a comma is what our own file is parted by: what it encloses is one cell for who reads it so
            assert not [cell for cell in row if cell.startswith(tuple(FORMULAS))]
