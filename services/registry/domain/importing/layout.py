"""Finds a sheet's header and what each column holds."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from services.registry.domain.cells import Cell, text_of
from services.registry.domain.importing import content
from services.registry.domain.importing.fields import FIELDS, Field
from services.registry.domain.importing.header_rows import Numbered, header_count, header_start, is_numbering
from services.registry.domain.importing.headers import Header, read_header
from services.registry.domain.money import Period
from services.registry.domain.regions import Gazetteer

SAMPLE_ROWS: Final = 80
"""Rows after the header whose cells are looked at."""

Area = tuple[tuple[int, int], tuple[int, int]]
"""A merged range: ((first row, first column), (last row, last column)), counted from 0."""


class Column(msgspec.Struct, frozen=True):
    """One column: `index` from 0, `letter` as a spreadsheet names it, the header's words, and what it is read as.

    `unit` and `period` are those that the header states for money. `confidence` is from 0 to 1. `samples` are some of
    its cells, made unreadable but for their shape, for a person who says what the column means.
    """

    index: int
    letter: str
    header: str
    field: Field | None
    confidence: float
    unit: int = 1
    period: Period | None = None
    samples: tuple[str, ...] = ()


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
    start = header_start(rows)
    return None if start is None else layout_at(rows, start, merged=merged, mapping=mapping, gazetteer=gazetteer)


def layout_at(
    rows: Sequence[Numbered],
    start: int | None,
    *,
    merged: Sequence[Area] = (),
    mapping: Mapping[str, str] | None = None,
    gazetteer: Gazetteer,
) -> Layout:
    """The layout of a sheet whose header begins with the row at index `start`; with `None` it has no header.

    Raises `ValueError` for a field that does not exist.
    """
    for field in (mapping or {}).values():
        if field and field not in FIELDS:
            raise ValueError(f"no such field: {field}")
    count = 0 if start is None else header_count(rows, start)
    start = start or 0
    labels = _labels(rows[start : start + count], merged)
    sample = [cells for _, cells in rows[start + count : start + count + SAMPLE_ROWS]]
    columns = _columns(labels, sample, _lowered(mapping), gazetteer)
    return Layout(columns, tuple(number for number, _ in rows[start : start + count]))


def _lowered(mapping: Mapping[str, str] | None) -> dict[str, str]:
    return {" ".join(key.lower().split()): field for key, field in (mapping or {}).items()}


def _labels(header: Sequence[Numbered], merged: Sequence[Area]) -> list[str]:
    """One label per column: the words of its header lines, a merged cell's words standing over all of its columns."""
    width = max((len(cells) for _, cells in header), default=0)
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
    cells = [[row[index] for row in sample if index < len(row)] for index in range(width)]
    guesses = [content.guess_field(column, gazetteer) for column in cells]
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
        columns.append(_column(index, labels[index], used, content.samples(cells[index])))
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


def _column(index: int, label: str, header: Header | None, samples: tuple[str, ...]) -> Column:
    letter = column_letter(index)
    if header is None or header.field == "ignore":
        return Column(index, letter, label, None, header.confidence if header else 0.0, samples=samples)
    return Column(index, letter, label, header.field, header.confidence, header.unit, header.period, samples)


def column_letter(index: int) -> str:
    """The letters by which a spreadsheet calls a column: 0 → "A", 26 → "AA"."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
