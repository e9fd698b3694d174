"""Finds the rows of a sheet in which its header stands."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from services.registry.domain.cells import Cell, text_of
from services.registry.domain.importing.headers import Header, read_header

HEADER_SEARCH_ROWS: Final = 40
"""A header further down than this is not looked for."""
_LEAST_COLUMNS: Final = 3
"""Recognised cells that make a row a header."""
_LONGEST_HEADER: Final = 80
"""Letters; a longer text is a note or a title."""

Numbered = tuple[int, Sequence[Cell]]
"""A row with its number as the sheet shows it."""


def header_start(rows: Sequence[Numbered]) -> int | None:
    """Index of the row in which the header begins, `None` where no row's words are understood."""
    best, best_index = _LEAST_COLUMNS - 1, None
    for index, (_, cells) in enumerate(rows[:HEADER_SEARCH_ROWS]):
        fields = {header.field for cell in cells if (header := _header_cell(cell))}
        recognised = len(fields - {"ignore"})
        if recognised > best and not looks_like_data(cells):
            best, best_index = recognised, index
    if best_index is None:
        return None
    # The row above belongs to the header when it groups columns ("Pemilik", "Usaha", "Legalitas").
    if best_index and _is_grouping(rows[best_index - 1], rows[best_index]):
        return best_index - 1
    return best_index


def _is_grouping(above: Numbered, header: Numbered) -> bool:
    texts = [cell for cell in above[1] if isinstance(cell, str) and cell.strip()]
    return (
        above[0] == header[0] - 1
        and len(texts) >= 2  # noqa: PLR2004 - a single text is a title
        and not looks_like_data(above[1])
        and all(len(text) <= _LONGEST_HEADER for text in texts)
    )


def header_count(rows: Sequence[Numbered], start: int) -> int:
    """How many rows the header has that begins with the row at index `start`."""
    count = 1
    while count < 3 and start + count < len(rows):  # noqa: PLR2004 - no office stacks more than three
        number, cells = rows[start + count]
        if number != rows[start + count - 1][0] + 1 or not _continues(cells, rows[start + count - 1][1]):
            break
        count += 1
    if start + count < len(rows) and is_numbering(rows[start + count][1]):
        count += 1
    return count


def _continues(cells: Sequence[Cell], above: Sequence[Cell]) -> bool:
    """Whether a row is the header's next line: words only, under the groups and merged cells of the line above."""
    filled = [(index, cell) for index, cell in enumerate(cells) if cell not in ("", None)]
    if not filled or looks_like_data(cells) or is_numbering(cells):
        return False
    recognised = sum(_header_cell(cell) is not None for _, cell in filled)
    under_gap = sum(index >= len(above) or above[index] in ("", None) for index, _ in filled)
    return recognised * 2 >= len(filled) and (under_gap > 0 or len(filled) < len([c for c in above if c]))


def _header_cell(cell: Cell) -> Header | None:
    if not isinstance(cell, str) or len(cell) > _LONGEST_HEADER:
        return None
    return read_header(cell)


def looks_like_data(cells: Sequence[Cell]) -> bool:
    """Whether a row holds numbers, dates or long numbers, as headers don't."""
    for cell in cells:
        if isinstance(cell, int | float | dt.date) and not isinstance(cell, bool) and not is_numbering(cells):
            return True
        if isinstance(cell, str) and sum(map(str.isdigit, cell)) >= 7:  # noqa: PLR2004 - a phone, a NIK, money
            return True
    return False


def is_numbering(cells: Sequence[Cell]) -> bool:
    """Whether a row only counts the columns: 1 2 3 …, or (1) (2) (3) …."""
    numbers = [text_of(cell).strip("() .") for cell in cells if cell not in ("", None)]
    if len(numbers) < 4 or not all(number.isdigit() and len(number) < 4 for number in numbers):  # noqa: PLR2004
        return False
    values = list(map(int, numbers))
    return values == list(range(values[0], values[0] + len(values)))
