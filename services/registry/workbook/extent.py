"""Measures the used area of a sheet by streaming through its XML, without building anything.

Ordinary writers put every cell as `<c r="T75290"`: such parts are measured by searching bytes (0.4 s for 75 MB). Any
other way of writing is legal too, and is read by a real parser, which takes some seconds for as much.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Final
from xml.parsers import expat

import msgspec

from services.registry.workbook.errors import WorkbookRefused
from services.registry.workbook.limits import Limits

_CHUNK: Final = 1 << 20
_OVERLAP: Final = 64
"""Bytes of a chunk that are looked at again with the next, so that nothing hides on the border."""
_LETTERS: Final = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,9})")
_LAST_ROW: Final = re.compile(rb'<row r="(\d{1,9})"')
_MAX_COLUMNS: Final = 16_384
_MAX_ROWS: Final = 1_048_576


class Extent(msgspec.Struct, frozen=True):
    """The used area: rows and columns from the first."""

    rows: int
    columns: int


def measure_xlsx(part: IO[bytes], limits: Limits) -> Extent:
    """The used area of a worksheet part; stops early once it is certain to be too large."""
    rows = 0
    tail = b""
    while block := part.read(_CHUNK):
        chunk = tail + block
        if not _is_ordinary(chunk):
            part.seek(0)
            return _parse_xlsx(part, limits)
        rows = max([rows, *_rows_beyond(chunk, rows)])
        if rows > limits.rows:
            return Extent(rows, 1)
        if _outside(rows, limits.columns).search(chunk):
            return _parse_xlsx(_rewound(part), limits)
        tail = chunk[-_OVERLAP:]
    widest = limits.cells // max(rows, 1)
    if widest < limits.columns and _has(_outside(rows, widest), _rewound(part)):
        return _parse_xlsx(_rewound(part), limits)
    return Extent(rows, min(widest, limits.columns))


def _has(pattern: re.Pattern[bytes], part: IO[bytes]) -> bool:
    tail = b""
    while block := part.read(_CHUNK):
        chunk = tail + block
        if pattern.search(chunk):
            return True
        tail = chunk[-_OVERLAP:]
    return False


def _rewound(part: IO[bytes]) -> IO[bytes]:
    part.seek(0)
    return part


def _rows_beyond(chunk: bytes, known: int) -> Iterator[int]:
    """Row numbers in a chunk that are larger than `known`: usually only the last one needs to be read."""
    for match in _LAST_ROW.finditer(chunk):
        if (number := int(match[1])) > known:
            yield number


def _is_ordinary(chunk: bytes) -> bool:
    """Whether all rows and cells of a chunk are written without prefixes and with their reference first."""
    cells = chunk.count(b"<c") - chunk.count(b'<c r="')
    if cells and cells != sum(map(chunk.count, _NOT_CELLS)) + chunk.endswith(_CUT):
        return False
    rows = chunk.count(b"<row") - chunk.count(b'<row r="')
    if rows and rows != chunk.count(b"<rowBreaks") + chunk.endswith(_CUT):
        return False
    return not ((b":c" in chunk or b":row" in chunk) and _PREFIXED.search(chunk))


_NOT_CELLS: Final = (b"<col", b"<cf", b"<conditional", b"<cell", b"<control", b"<custom")
_PREFIXED: Final = re.compile(rb"<[^<>:\s]+:(?:c|row)[\s/>]")
_CUT: Final = tuple(b'<row r="'[:length] for length in range(1, 8)) + tuple(
    b'<c r="'[:length] for length in range(2, 6)
)


def _outside(rows: int, columns: int) -> re.Pattern[bytes]:
    """Matches a cell below `rows` or to the right of `columns`; of the first 26 columns it lets all pass."""
    return re.compile(rf'<c r="(?:(?:{_wider_than(columns)})\d|[A-Z]+(?:{_more_than(rows)})")'.encode())


def _wider_than(columns: int) -> str:
    first, second = divmod(min(columns, 702) - 1, 26)
    if first == 0:
        return "[A-Z]{2,}"
    lead, last = chr(64 + first), chr(65 + second)
    wide = ["[A-Z]{3,}"]
    if lead < "Z":
        wide.append(f"[{chr(ord(lead) + 1)}-Z][A-Z]")
    if last < "Z":
        wide.append(f"{lead}[{chr(ord(last) + 1)}-Z]")
    return "|".join(wide)


def _more_than(number: int) -> str:
    """The numbers above `number`, digit by digit: more digits, or the same beginning and then a larger digit."""
    digits = str(number)
    larger = [rf"\d{{{len(digits) + 1},}}"]
    for place, digit in enumerate(digits):
        if digit < "9":
            larger.append(rf"{digits[:place]}[{int(digit) + 1}-9]\d{{{len(digits) - place - 1}}}")
    return "|".join(larger)


class _TooLargeError(Exception):
    """Ends parsing early."""


def _parse_xlsx(part: IO[bytes], limits: Limits) -> Extent:
    row = column = rows = columns = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, rows, columns
        local = tag.rpartition(":")[2]
        if local == "row":
            stated = attributes.get("r", "")
            row, column = (int(stated) if stated.isdigit() else row + 1), 0
            rows = max(rows, row)
        elif local == "c":
            match = _LETTERS.fullmatch(attributes.get("r", ""))
            column = column_number(match[1]) if match else column + 1
            rows = max(rows, int(match[2]) if match else row)
            columns = max(columns, column)
        if rows > limits.rows or columns > _MAX_COLUMNS:
            raise _TooLargeError

    with suppress(_TooLargeError):
        _run(part, start)
    return Extent(rows, columns)


def measure_ods(part: IO[bytes], limits: Limits) -> Iterator[tuple[str, Extent]]:  # noqa: C901 - one parser's two handlers
    """(name, used area) of each table of an ODS; repeated rows and cells count as often as they are repeated."""
    found: list[tuple[str, Extent]] = []
    name, rows, columns, row, column = "", 0, 0, 0, 0
    repeat_row = repeat_cell = 1
    filled = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal name, rows, columns, row, column, repeat_row, repeat_cell, filled
        if tag == "table:table":
            name, rows, columns, row = attributes.get("table:name", ""), 0, 0, 0
        elif tag == "table:table-row":
            repeat_row, column, filled = _repeat(attributes, "rows"), 0, False
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            repeat_cell = _repeat(attributes, "columns")
            column += repeat_cell
            if "office:value-type" in attributes or "table:formula" in attributes:
                columns, filled = max(columns, column), True

    def end(tag: str) -> None:
        nonlocal rows, row, columns
        if tag == "text:p":
            columns = max(columns, column)
        elif tag == "table:table-row":
            row += repeat_row
            rows = row if filled else rows
            if rows > limits.rows or columns > limits.columns:
                found.append((name, Extent(rows, columns)))
                raise _TooLargeError
        elif tag == "table:table":
            found.append((name, Extent(rows, columns)))

    with suppress(_TooLargeError):
        _run(part, start, end)
    yield from found


def _repeat(attributes: dict[str, str], what: str) -> int:
    text = attributes.get(f"table:number-{what}-repeated", "1")
    return min(int(text), _MAX_ROWS) if text.isdigit() and len(text) < 10 else _MAX_ROWS  # noqa: PLR2004 - no honest one


def _run(part: IO[bytes], start: object, end: object = None) -> None:
    def refuse(*_: object) -> None:
        raise WorkbookRefused("entities")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start  # type: ignore[assignment]
    parser.EndElementHandler = end  # type: ignore[assignment]
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        while block := part.read(_CHUNK):
            parser.Parse(block, False)  # noqa: FBT003 - expat's own signature
    except expat.ExpatError as error:
        raise WorkbookRefused("damaged") from error


def column_number(letters: str) -> int:
    """The number of a column from its letters: "A" → 1, "AA" → 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number
