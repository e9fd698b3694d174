# ruff: noqa: PLR2004, SIM905 - numbers of digits and letters are said where a format is read; words are listed as words
"""Dates as people type them: "2018", "Januari 2018", "1/8/2021", "17 Agustus 2020", a spreadsheet's serial.

The precision is kept: a founding year is not the first of January.
"""

import datetime as dt
import re
from functools import lru_cache
from typing import Final, Literal

import msgspec

from services.registry.domain.cells import Cell, is_unknown, text_of
from services.registry.domain.problems import CellError

Precision = Literal["year", "month", "day"]

MIN_YEAR: Final = 1900
EXCEL_EPOCH: Final = dt.date(1899, 12, 30)
"""Day 0 of spreadsheet serials (1900 system, its false leap day included)."""
_SERIALS: Final = range(3_000, 80_000)  # 1908 to 2119; smaller whole numbers are years


class PartialDate(msgspec.Struct, frozen=True, gc=False):
    """A date known to the year, the month or the day."""

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def precision(self) -> Precision:
        """How much of the date is known."""
        return "year" if self.month is None else "month" if self.day is None else "day"

    def first_day(self) -> dt.date:
        """The earliest day that this date can be."""
        return dt.date(self.year, self.month or 1, self.day or 1)

    def isoformat(self) -> str:
        """ISO 8601, as precise as the date: "2018", "2018-08" or "2018-08-17"."""
        return "-".join([f"{self.year:04d}", *(f"{part:02d}" for part in (self.month, self.day) if part is not None)])


_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "januari jan january januar", "februari feb pebruari peb february febuari", "maret mar mrt march",
            "april apr", "mei may", "juni jun june", "juli jul july", "agustus agu agt ags agust aug august agus",
            "september sep sept", "oktober okt oct october", "november nov nopember nop", "desember des dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_TOKEN: Final = re.compile(r"\d+|[a-z]+")
_TIME: Final = re.compile(r"[t ]\d{1,2}:\d{2}.*$")
_FILLERS: Final = frozenset(
    (
        "th thn tahun sejak tgl tanggal sekitar bulan bln kira berdiri mulai pada an di per senin selasa rabu "
        "kamis jumat sabtu minggu"
    ).split()
)


def parse_date(cell: Cell, *, today: dt.date) -> PartialDate | None:
    """Reads one cell; `None` where it says that nothing is known.

    Day comes before month, as in Indonesia; two-digit years are the latest that are not after `today`.
    Raises `CellError`: date_unreadable, date_impossible, date_implausible (before 1900), date_future.
    """
    if cell is None or cell == "":
        return None
    if isinstance(cell, dt.date):  # a datetime is a date as well
        return _checked(PartialDate(cell.year, cell.month, cell.day), today)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _from_number(cell, today)
    if not isinstance(cell, str):
        raise CellError("date_unreadable")
    return _from_text(cell, today)


def _from_number(number: float, today: dt.date) -> PartialDate | None:
    if number == 0:
        return None
    if not abs(number) < 10**9:
        raise CellError("date_unreadable")
    if MIN_YEAR <= number <= 2100 and number == int(number):
        return _checked(PartialDate(int(number)), today)
    if int(number) in _SERIALS:
        day = EXCEL_EPOCH + dt.timedelta(days=int(number))
        return _checked(PartialDate(day.year, day.month, day.day), today)
    digits = f"{int(number):08d}" if number > 0 else ""
    if len(digits) == 8 and number == int(number):  # 20180817 typed as a number
        return _from_text(f"{digits[:4]}-{digits[4:6]}-{digits[6:]}", today)
    raise CellError("date_implausible", year=int(number))


@lru_cache(maxsize=16_384)
def _from_text(text: str, today: dt.date) -> PartialDate | None:
    text = text_of(text).lower()
    if is_unknown(text):
        return None
    if text.isascii() and text.isdigit() and len(text) <= 6:
        return _from_number(int(text), today)
    tokens = [token for token in _TOKEN.findall(_TIME.sub("", text)) if token not in _FILLERS]
    return _checked(_assemble(tokens, today), today)


def _assemble(tokens: list[str], today: dt.date) -> PartialDate:
    numbers = [token for token in tokens if token.isascii() and token.isdigit()]
    months = [_MONTHS.get(token) for token in tokens if not token.isdigit()]
    if any(month is None for month in months) or len(months) > 1 or any(len(number) > 4 for number in numbers):
        raise CellError("date_unreadable")
    named = months[0] if months else None
    match numbers:
        case [year] if len(year) == 4 or (named and len(year) == 2):
            return PartialDate(_year(year, today), named)
        case [month, year] if named is None and len(month) <= 2 and len(year) == 4:
            return PartialDate(int(year), int(month))
        case [year, month] if named is None and len(year) == 4 and len(month) <= 2:
            return PartialDate(int(year), int(month))
        case [day, year] if named is not None:
            return PartialDate(_year(year, today), named, int(day))
        case [year, month, day] if named is None and len(year) == 4:
            return PartialDate(int(year), int(month), int(day))
        case [day, month, year] if named is None and len(year) in (2, 4):
            # 08/17/2021 can only be the American order.
            if int(month) > 12 >= int(day):
                day, month = month, day
            return PartialDate(_year(year, today), int(month), int(day))
    raise CellError("date_unreadable")


def _year(digits: str, today: dt.date) -> int:
    if len(digits) != 2:
        return int(digits)
    century = today.year // 100 * 100
    return century + int(digits) if century + int(digits) <= today.year else century - 100 + int(digits)


def _checked(date: PartialDate, today: dt.date) -> PartialDate:
    if not MIN_YEAR <= date.year <= today.year + 100:
        raise CellError("date_implausible", year=date.year)
    try:
        first = date.first_day()
    except ValueError:
        raise CellError("date_impossible") from None
    if first > today:
        raise CellError("date_future")
    return date
