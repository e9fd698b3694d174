"""A workbook that has been let in: its sheets, read row by row."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Cell = Any
"""str, int, float, bool, date, datetime, time, timedelta or None: what spreadsheets hold."""
Area = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. `rows()` starts from the top each time; each row comes with its number as the sheet shows it.

    Blank cells are "" or `None`. `merged` are ((first row, first column), (last row, last column)) from 0.
    """

    name: str
    read: Callable[[], Iterator[tuple[int, Sequence[Cell]]]] = field(repr=False)
    hidden: bool = False
    merged: tuple[Area, ...] = ()

    def rows(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        """All rows from the first, blank ones included."""
        return self.read()


@dataclass(frozen=True, slots=True)
class Workbook:
    """A file's sheets, in its order."""

    kind: str
    sheets: tuple[Sheet, ...]
