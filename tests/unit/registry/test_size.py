import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.size import Size, classify, has_advanced

TODAY = dt.date(2026, 6, 30)
BILLION = 10**9
RUPIAH = st.integers(0, 100 * BILLION)


@pytest.mark.parametrize(
    ("capital", "size"),
    [
        (0, 1),
        (BILLION, 1),
        (BILLION + 1, 2),
        (5 * BILLION, 2),
        (5 * BILLION + 1, 3),
        (10 * BILLION, 3),
        (10 * BILLION + 1, 4),
    ],
)
def test_capital_bounds_are_inclusive(capital: int, size: int) -> None:
    found = classify(capital=capital, sales=None, is_new=True, as_of=TODAY)
    assert found is not None
    assert (found.size, found.criterion, found.source) == (size, "capital", "PP 7/2021 art. 35")


@pytest.mark.parametrize(
    ("sales", "size"),
    [
        (2 * BILLION, 1),
        (2 * BILLION + 1, 2),
        (15 * BILLION, 2),
        (15 * BILLION + 1, 3),
        (50 * BILLION, 3),
        (50 * BILLION + 1, 4),
    ],
)
def test_sales_bounds_are_inclusive(sales: int, size: int) -> None:
    found = classify(capital=1, sales=sales, is_new=False, as_of=TODAY)
    assert found is not None
    assert (found.size, found.criterion, found.disagrees) == (size, "sales", size != 1)


def test_capital_decides_for_a_new_firm_and_stands_in_where_sales_are_unknown() -> None:
    new = classify(capital=2 * BILLION, sales=1, is_new=True, as_of=TODAY)
    unknown = classify(capital=2 * BILLION, sales=None, is_new=False, as_of=TODAY)
    assert new is not None
    assert unknown is not None
    assert new.size == unknown.size == Size.SMALL
    assert classify(capital=None, sales=None, is_new=True, as_of=TODAY) is None


def test_the_table_of_the_day_counts() -> None:
    before = classify(capital=None, sales=BILLION, is_new=False, as_of=dt.date(2015, 1, 1))
    after = classify(capital=None, sales=BILLION, is_new=False, as_of=TODAY)
    assert before is not None
    assert after is not None
    assert (before.size, after.size) == (Size.SMALL, Size.MICRO)


@given(RUPIAH, RUPIAH)
def test_more_is_never_smaller(one: int, other: int) -> None:
    small, large = (classify(capital=None, sales=sales, is_new=False, as_of=TODAY) for sales in sorted((one, other)))
    assert small is not None
    assert large is not None
    assert small.size <= large.size
    assert has_advanced(small.size, large.size) == (small.size != large.size)
    assert not has_advanced(large.size, small.size)


def test_naik_kelas_needs_two_measurements() -> None:
    assert not has_advanced(None, Size.SMALL)
    assert not has_advanced(Size.SMALL, None)


def test_negative_figures_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        classify(capital=-1, sales=None, is_new=True, as_of=TODAY)
