from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.api.files import disposition, safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("laporan.csv", "laporan.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\sri\\data UMKM.xlsx", "data UMKM.xlsx"),
        ('a"b<c>|d:*?.csv', "abcd.csv"),
        ("a\r\nSet-Cookie: x=1", "aSet-Cookie x=1"),
        ("...", "file"),
        ("", "file"),
        ("KTP 2171034107900001.xlsx", "KTP 21xxxxxxxxxxxx01.xlsx"),
        ("cadangan-20261122153000.xlsx", "cadangan-20261122153000.xlsx"),
        ("x" * 300 + ".xlsx", "x" * 195 + ".xlsx"),
    ],
)
def test_names_lose_what_could_do_harm(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_names_in_other_scripts_come_in_both_forms() -> None:
    assert disposition("laporan.csv") == "attachment; filename=laporan.csv"
    both = disposition("usaha Sédap.csv")
    assert 'filename="usaha S_dap.csv"' in both
    assert "filename*=UTF-8''usaha%20S%C3%A9dap.csv" in both


@given(st.text(max_size=300))
def test_no_name_breaks_the_header(name: str) -> None:
    header = disposition(name)
    assert header.isascii()
    assert "\r" not in header
    assert "\n" not in header
