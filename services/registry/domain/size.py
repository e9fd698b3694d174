"""Size classes of PP 7/2021 art. 35, from a dated table: what changes is the table."""

import datetime as dt
from bisect import bisect_left
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Final, Literal

Criterion = Literal["capital", "sales"]


class Size(IntEnum):
    """Size of an enterprise; comparing two of them tells which is larger."""

    MICRO = 1
    SMALL = 2
    MEDIUM = 3
    LARGE = 4

    @property
    def label_id(self) -> str:
        """The word in Indonesian regulation."""
        return ("mikro", "kecil", "menengah", "besar")[self - 1]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Upper bounds, inclusive, in rupiah, for (micro, small, medium); in force from `since`."""

    since: dt.date
    source: str
    capital: tuple[int, int, int]
    sales: tuple[int, int, int]


_MILLION: Final = 10**6

THRESHOLDS: Final = (
    Thresholds(
        since=dt.date(2008, 7, 4),
        source="UU 20/2008 art. 6",
        capital=(50 * _MILLION, 500 * _MILLION, 10_000 * _MILLION),
        sales=(300 * _MILLION, 2_500 * _MILLION, 50_000 * _MILLION),
    ),
    Thresholds(
        since=dt.date(2021, 2, 2),
        source="PP 7/2021 art. 35",
        capital=(1_000 * _MILLION, 5_000 * _MILLION, 10_000 * _MILLION),
        sales=(2_000 * _MILLION, 15_000 * _MILLION, 50_000 * _MILLION),
    ),
)
"""Oldest first. Capital is without land and the building of the business; sales are per year."""


@dataclass(frozen=True, slots=True)
class Classification:
    """The class of an enterprise, which criterion gave it, under which rule, and whether the other one disagrees."""

    size: Size
    criterion: Criterion
    as_of: dt.date
    source: str
    capital_class: Size | None
    sales_class: Size | None

    @property
    def disagrees(self) -> bool:
        """Whether capital and sales, both known, give different classes."""
        return None not in (self.capital_class, self.sales_class) and self.capital_class != self.sales_class


@lru_cache(maxsize=512)
def thresholds_on(day: dt.date) -> Thresholds:
    """The table in force on a day; the oldest for days before it."""
    return next((table for table in reversed(THRESHOLDS) if table.since <= day), THRESHOLDS[0])


def classify(*, capital: int | None, sales: int | None, is_new: bool, as_of: dt.date) -> Classification | None:
    """The size class from capital (rupiah, without land and building) and yearly sales (rupiah).

    Capital decides for a new firm, sales for one that exists (art. 35 (1), (2)); where the figure that should decide
    is unknown the other one does. `None` where both are. Raises `ValueError` for a negative figure.
    """
    if (capital is not None and capital < 0) or (sales is not None and sales < 0):
        raise ValueError("capital and sales cannot be negative")
    table = thresholds_on(as_of)
    capital_class = None if capital is None else _class_of(capital, table.capital)
    sales_class = None if sales is None else _class_of(sales, table.sales)
    by_capital = capital_class is not None and (is_new or sales_class is None)
    size = capital_class if by_capital else sales_class
    if size is None:
        return None
    return Classification(size, "capital" if by_capital else "sales", as_of, table.source, capital_class, sales_class)


_BY_RANK: Final = tuple(Size)


def _class_of(amount: int, bounds: tuple[int, int, int]) -> Size:
    return _BY_RANK[bisect_left(bounds, amount)]


def has_advanced(old: Size | None, new: Size | None) -> bool:
    """Whether an enterprise rose in class between two measurements (naik kelas)."""
    return old is not None and new is not None and new > old
