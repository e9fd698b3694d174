import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.id import nik as stdnum_nik

from services.registry.domain.identity import Nik, mask, parse_nib, parse_nik, parse_npwp
from services.registry.domain.problems import MESSAGES, CellError

WOMAN = "2171026510820002"
TODAY = dt.date(2026, 6, 30)


@pytest.mark.parametrize(
    "cell",
    [WOMAN, "'" + WOMAN, "2171 0265 1082 0002", "21.71.02.651082.0002", f"NIK {WOMAN}", float(WOMAN), int(WOMAN)],
)
def test_a_nik_in_every_dress(cell: str | float) -> None:
    nik = parse_nik(cell)
    assert nik is not None
    assert nik.digits == WOMAN
    assert (nik.place, nik.is_female, nik.born(TODAY)) == ("21.71.02", True, dt.date(1982, 10, 25))


@pytest.mark.parametrize("cell", [None, "", "-", "tidak ada", "belum ada", 0.0])
def test_no_nik(cell: str | float | None) -> None:
    assert parse_nik(cell) is None


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (2171020000000000.0, "nik_rounded"),
        (2171026510820000.0, "nik_rounded"),
        (2171026510820010.0, "nik_rounded"),
        (9171026510820002.0, "nik_rounded"),
        ("2.17103E+15", "nik_rounded"),
        ("2,17103E+15", "nik_rounded"),
        ("2171026510820000", "nik_rounded"),
        (WOMAN[:-1], "nik_length"),
        ("2171029910820002", "nik_date"),
        ("0171026510820002", "nik_place"),
        ("ada", "nik_format"),
    ],
)
def test_damage_is_told_apart(cell: str | float, code: str) -> None:
    with pytest.raises(CellError) as caught:
        parse_nik(cell)
    assert caught.value.code == code


def test_an_old_place_that_the_library_does_not_know_is_kept() -> None:
    old = "5471016510820002"  # Dili, first issued before 1999
    assert not stdnum_nik.is_valid(old)
    assert parse_nik(old) == Nik(old)


@given(
    st.sampled_from(("110101", "217106", "337401", "917101")), st.dates(dt.date(1930, 1, 1), dt.date(2012, 12, 31)),
    st.booleans(), st.integers(1, 9999),
)  # fmt: skip
def test_well_formed_numbers_are_accepted_as_the_library_does(
    place: str, born: dt.date, female: bool, serial: int
) -> None:
    digits = f"{place}{born.day + 40 * female:02}{born:%m%y}{serial:04}"
    nik = parse_nik(digits)
    assert stdnum_nik.is_valid(digits)
    assert nik is not None
    assert nik.is_female == female
    assert (nik.born(TODAY) - born).days in (0, 36525)  # a century may be lost, as there are two digits for it


@given(st.one_of(st.text(max_size=24), st.floats(), st.integers(), st.from_regex(r"[0-9]{14,18}", fullmatch=True)))
def test_a_number_is_in_no_message(cell: object) -> None:
    for parse in (parse_nik, parse_nib, parse_npwp):
        try:
            found = parse(cell)  # type: ignore[arg-type]
        except CellError as error:
            told = (
                f"{error} {error!r} {error.params} {[text.format_map(error.params) for text in MESSAGES[error.code]]}"
            )
            digits = "".join(filter(str.isdigit, str(cell)))
            assert len(digits) < 6 or digits not in told
        else:
            assert not isinstance(found, Nik) or found.digits not in repr(found)


def test_masks() -> None:
    assert mask(WOMAN) == "21************02"
    assert mask("12345") == "*****"


def test_nib_and_npwp() -> None:
    assert parse_nib("NIB: 8015392169480") == parse_nib(8015392169480.0) == "8015392169480"
    assert parse_nib(801539216948.0) == "0801539216948"
    assert parse_nib("Proses") is parse_nib("-") is None
    assert parse_npwp("01.312.166.0-091.000") == "013121660091000"
    assert parse_npwp(WOMAN) == WOMAN
    for parse, cell in ((parse_nib, "80153921694"), (parse_npwp, "01.312.166.1-091.000")):
        with pytest.raises(CellError):
            parse(cell)
