import datetime as dt

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.dates import PartialDate, parse_date
from services.registry.domain.numbers import parse_count
from services.registry.domain.phone import parse_phones
from services.registry.domain.problems import MESSAGES, CellError

TODAY = dt.date(2026, 6, 30)
MESSY = st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.booleans(), st.none(), st.datetimes())
NEAR = st.text(alphabet="0123456789 /-.+()WAjanuri", max_size=24)


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("0812-3456-7890", ["+6281234567890"]),
        ("+62 812 3456 789", ["+628123456789"]),
        ("62812345678", ["+62812345678"]),
        ("8530705550", ["+628530705550"]),
        (81234567890.0, ["+6281234567890"]),
        ("08530705550 (WA)", ["+628530705550"]),
        ("08530705550/ 0778123456", ["+628530705550", "+62778123456"]),
        ("WA: 0812 3456 7890 atau 0813 1111 2222", ["+6281234567890", "+6281311112222"]),
        ("+65 6123 4567", ["+6561234567"]),
        ("-", []),
        ("tidak ada", []),
        ("0", []),
        (None, []),
    ],
)
def test_phones_as_people_type_them(cell: str | float | None, numbers: list[str]) -> None:
    assert list(parse_phones(cell)) == numbers


@pytest.mark.parametrize("cell", ["431234", "081", "ada"])
def test_incomplete_phones_are_refused(cell: str) -> None:
    with pytest.raises(CellError, match="phone_"):
        parse_phones(cell)


@given(st.integers(81_000_000, 8_999_999_999_99).map(str))
def test_the_fast_path_agrees_with_the_library(national: str) -> None:
    valid = phonenumbers.is_valid_number(phonenumbers.parse("+62" + national))
    try:
        found = parse_phones("0" + national)
    except CellError:
        found = ()
    assert (found == ("+62" + national,)) == (valid or found != ())


@given(
    st.from_regex(r"8[12357]\d{8,9}", fullmatch=True),
    st.sampled_from(("0{}", "+62{}", "62{}", "{}", "0{} (WA)", " 0{} ")),
)
def test_mobile_numbers_come_back_in_every_style(national: str, style: str) -> None:
    assert parse_phones(style.format(national)) == ("+62" + national,)


@pytest.mark.parametrize(
    ("cell", "iso"),
    [
        ("2018", "2018"),
        (2018.0, "2018"),
        ("Januari 2018", "2018-01"),
        ("thn 2018", "2018"),
        ("1/8/2021", "2021-08-01"),
        ("8/17/2021", "2021-08-17"),
        ("17 Agustus 1945", "1945-08-17"),
        ("2021-08-01", "2021-08-01"),
        ("2021-08-01 00:00:00", "2021-08-01"),
        (43831.0, "2020-01-01"),
        ("Jan-18", "2018-01"),
        ("8/2021", "2021-08"),
        ("01/02/99", "1999-02-01"),
        (dt.datetime(2020, 1, 2, 3, 4), "2020-01-02"),  # noqa: DTZ001 - spreadsheets know no time zones
    ],
)
def test_dates_keep_their_precision(cell: str | float, iso: str) -> None:
    date = parse_date(cell, today=TODAY)
    assert date is not None
    assert date.isoformat() == iso
    assert date.precision == ("year", "month", "day")[iso.count("-")]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("31/02/2020", "date_impossible"),
        ("2030", "date_future"),
        ("abc", "date_unreadable"),
        ("12", "date_implausible"),
    ],
)
def test_dates_that_cannot_be_say_why(cell: str, code: str) -> None:
    with pytest.raises(CellError) as caught:
        parse_date(cell, today=TODAY)
    assert caught.value.code == code


@given(
    st.dates(dt.date(1900, 1, 1), TODAY),
    st.sampled_from(("{0.day}/{0.month}/{0.year}", "{0:%d-%m-%Y}", "{0:%Y-%m-%d}", "{0:%d.%m.%Y}")),
)
def test_days_come_back_in_every_style(day: dt.date, style: str) -> None:
    assert parse_date(style.format(day), today=TODAY) == PartialDate(day.year, day.month, day.day)


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        ("3 org", 3),
        (3.0, 3),
        ("5 orang", 5),
        ("2 L + 1 P", 3),
        ("2+1", 3),
        ("1.200", 1200),
        ("3 (tiga)", 3),
        ("tiga", 3),
        ("-", None),
        (None, None),
        ("0", 0),
    ],
)
def test_counts_as_people_type_them(cell: str | float | None, count: int | None) -> None:
    assert parse_count(cell) == count


@given(st.integers(0, 99_999), st.sampled_from(("{}", "{} org", "{} orang", " {} ")))
def test_counts_come_back(count: int, style: str) -> None:
    assert parse_count(style.format(count)) == count


@given(st.one_of(MESSY, NEAR))
def test_nothing_but_the_documented_error(cell: object) -> None:
    for parse in (parse_phones, parse_count, lambda value: parse_date(value, today=TODAY)):
        try:
            parse(cell)  # type: ignore[arg-type]
        except CellError as error:
            assert error.code in MESSAGES  # noqa: PT017 - any of the codes will do
