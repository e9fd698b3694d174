"""Finds a sheet's header and what each column holds."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from services.registry.domain.cells import Cell, text_of
from services.registry.domain.importing import content
from services.registry.domain.importing.fields import FIELDS, Field
from services.registry.domain.importing.headers import Header, read_header
from services.registry.domain.money import Period
from services.registry.domain.regions import Gazetteer

HEADER_SEARCH_ROWS: Final = 40
"""A header further down than this is not looked for."""
SAMPLE_ROWS: Final = 80
"""Rows after the header whose cells are looked at."""
_LEAST_COLUMNS: Final = 3
"""Recognised cells that make a row a header."""
_LONGEST_HEADER: Final = 80
"""Letters; a longer text is a note or a title."""

Area = tuple[tuple[int, int], tuple[int, int]]
"""A merged range: ((first row, first column), (last row, last column)), counted from 0."""


class Column(msgspec.Struct, frozen=True):
    """One column: `index` from 0, `letter` as a spreadsheet names it, the header's words, and what it is read as.

    `unit` and `period` are those that the header states for money. `confidence` is from 0 to 1.
    """

    index: int
    letter: str
    header: str
    field: Field | None
    confidence: float
    unit: int = 1
    period: Period | None = None


class Layout(msgspec.Struct, frozen=True):
    """How a sheet is to be read: its columns and the rows (1-based, as shown) in which the header stands."""

    columns: tuple[Column, ...]
    header_rows: tuple[int, ...]

    @property
    def confidence(self) -> float:
        """That of the least certain column that is used."""
        return min((column.confidence for column in self.columns if column.field), default=0.0)

    @property
    def unrecognised(self) -> tuple[Column, ...]:
        """Columns with a header that nothing is read from."""
        return tuple(column for column in self.columns if column.field is None and column.header)

    @property
    def names_somebody(self) -> bool:
        """Whether there is a column for the business's or the owner's name: without one nothing can be imported."""
        return any(column.field in ("name", "owner_name") for column in self.columns)


Numbered = tuple[int, Sequence[Cell]]
"""A row with its number as the sheet shows it."""


def find_layout(
    rows: Sequence[Numbered],
    *,
    merged: Sequence[Area] = (),
    mapping: Mapping[str, str] | None = None,
    gazetteer: Gazetteer,
) -> Layout | None:
    """The layout of a sheet from its first rows, or `None` where no header is found.

    `mapping` is a person's correction, from a column's header or letter to a field ("" or "ignore": leave it out); it
    wins over what is recognised. Raises `ValueError` for a field that does not exist.
    """
    for field in (mapping or {}).values():
        if field and field not in FIELDS:
            raise ValueError(f"no such field: {field}")
    start = _header_start(rows)
    if start is None:
        return None
    count = _header_count(rows, start)
    labels = _labels(rows[start : start + count], merged)
    sample = [cells for _, cells in rows[start + count : start + count + SAMPLE_ROWS]]
    columns = _columns(labels, sample, _lowered(mapping), gazetteer)
    return Layout(columns, tuple(number for number, _ in rows[start : start + count]))


def _lowered(mapping: Mapping[str, str] | None) -> dict[str, str]:
    return {" ".join(key.lower().split()): field for key, field in (mapping or {}).items()}


def _header_start(rows: Sequence[Numbered]) -> int | None:
    best, best_index = _LEAST_COLUMNS - 1, None
    for index, (_, cells) in enumerate(rows[:HEADER_SEARCH_ROWS]):
        fields = {header.field for cell in cells if (header := _header_cell(cell))}
        recognised = len(fields - {"ignore"})
        if recognised > best and not _looks_like_data(cells):
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
        and not _looks_like_data(above[1])
        and all(len(text) <= _LONGEST_HEADER for text in texts)
    )


def _header_count(rows: Sequence[Numbered], start: int) -> int:
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
    if not filled or _looks_like_data(cells) or is_numbering(cells):
        return False
    recognised = sum(_header_cell(cell) is not None for _, cell in filled)
    under_gap = sum(index >= len(above) or above[index] in ("", None) for index, _ in filled)
    return recognised * 2 >= len(filled) and (under_gap > 0 or len(filled) < len([c for c in above if c]))


def _header_cell(cell: Cell) -> Header | None:
    if not isinstance(cell, str) or len(cell) > _LONGEST_HEADER:
        return None
    return read_header(cell)


def _looks_like_data(cells: Sequence[Cell]) -> bool:
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


def _labels(header: Sequence[Numbered], merged: Sequence[Area]) -> list[str]:
    """One label per column: the words of its header lines, a merged cell's words standing over all of its columns."""
    width = max(len(cells) for _, cells in header)
    lines: list[list[str]] = []
    for position, (number, cells) in enumerate(header):
        line = [text_of(cell) for cell in cells] + [""] * (width - len(cells))
        if is_numbering(cells):
            continue
        if position < len(header) - 1:
            _spread(line, number - 1, merged, [text_of(cell) for cell in header[position + 1][1]])
        lines.append(line)
    return [" ".join(dict.fromkeys(line[index] for line in lines if line[index])) for index in range(width)]


def _spread(line: list[str], row: int, merged: Sequence[Area], below: Sequence[str]) -> None:
    spans = {first[1]: last[1] for first, last in merged if first[0] == row and last[1] > first[1]}
    if spans:
        for first, last in spans.items():
            for index in range(first + 1, min(last + 1, len(line))):
                line[index] = line[index] or line[first]
        return
    for index in range(1, len(line)):  # a file without merged ranges: a blank over a filled cell belongs to its left
        if not line[index] and index < len(below) and below[index]:
            line[index] = line[index - 1]


def _columns(
    labels: Sequence[str], sample: Sequence[Sequence[Cell]], mapping: Mapping[str, str], gazetteer: Gazetteer
) -> tuple[Column, ...]:
    width = max([len(labels), *map(len, sample)])
    guesses = [
        content.guess_field([row[index] for row in sample if index < len(row)], gazetteer) for index in range(width)
    ]
    labels = [*labels, *[""] * (width - len(labels))]
    headers = [_header_of(label, index, guesses[index], mapping) for index, label in enumerate(labels)]
    winners = _winners(headers)
    taken = {header.field for index, header in enumerate(headers) if header and winners.get(header.field) == index}
    columns: list[Column] = []
    for index, header in enumerate(headers):
        used = header if header is None or winners[header.field] == index else None
        guess = guesses[index]
        if header is None and guess is not None and guess not in taken:
            used = Header(guess, content.CONFIDENCE)
            taken.add(guess)
        columns.append(_column(index, labels[index], used))
    return tuple(columns)


def _header_of(label: str, index: int, guess: Field | None, mapping: Mapping[str, str]) -> Header | None:
    """What a person says of a column, else what its header says, unless its cells contradict."""
    header = read_header(label) if label else None
    chosen = mapping.get(" ".join(label.lower().split()), mapping.get(column_letter(index).lower()))
    if chosen is not None:
        field: Field = chosen or "ignore"  # type: ignore[assignment]
        stated = header if header is not None and header.field == field else Header(field, 1.0)
        return Header(field, 1.0, stated.unit, stated.period, rank=-1)
    if header is not None and content.contradicts(header.field, guess):
        return Header(guess or "ignore", content.CONFIDENCE)
    return header


def _winners(headers: Sequence[Header | None]) -> dict[Field, int]:
    """Of several columns for one field, the one that is read."""
    best: dict[Field, tuple[float, int]] = {}
    for index, header in enumerate(headers):
        if header is None:
            continue
        order = (header.rank - header.confidence, index)
        if header.field not in best or order < best[header.field]:
            best[header.field] = order
    return {field: index for field, (_, index) in best.items()}


def _column(index: int, label: str, header: Header | None) -> Column:
    if header is None or header.field == "ignore":
        return Column(index, column_letter(index), label, None, header.confidence if header else 0.0)
    return Column(index, column_letter(index), label, header.field, header.confidence, header.unit, header.period)


def column_letter(index: int) -> str:
    """The letters by which a spreadsheet calls a column: 0 → "A", 26 → "AA"."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
