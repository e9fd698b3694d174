"""Text files: CSV with commas, semicolons, tabs or bars, in the encodings that spreadsheets write."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from services.registry.workbook.errors import WorkbookRefused
from services.registry.workbook.limits import Limits
from services.registry.workbook.sheets import Sheet, Workbook

_DELIMITERS: Final = ";\t|,"
_SAMPLE: Final = 64 * 1024
_SAMPLE_LINES: Final = 20
_MOSTLY: Final = 0.5
_UNDEFINED_CP1252: Final = b"\x81\x8d\x8f\x90\x9d"
_CONTROLS: Final = frozenset(range(32)) - {9, 10, 11, 12, 13}


def open_delimited(source: bytes | Path, limits: Limits) -> Workbook:
    """Reads a text file as one sheet without a name. Raises `WorkbookRefused`: encoding, too_many_columns, …_rows.

    The whole file is decoded once, so that a wrong letter in the last row is told before anything is imported.
    """
    encoding = _encoding(source)
    with _text(source, encoding) as text:
        sample = text.read(_SAMPLE)
    if not sample.strip():
        raise WorkbookRefused("no_rows")
    delimiter = _delimiter(sample)
    _check(source, encoding, delimiter, limits)
    sheet = Sheet("", lambda: _rows(source, encoding, delimiter, limits))
    return Workbook("text", (sheet,))


def _text(source: bytes | Path, encoding: str) -> io.TextIOBase:
    binary = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    return io.TextIOWrapper(binary, encoding=encoding, newline="")


def _encoding(source: bytes | Path) -> str:
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        head = file.read(_SAMPLE)
    if head.startswith(codecs.BOM_UTF8):
        return _verified(source, "utf-8-sig")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _verified(source, "utf-16")
    if b"\0" in head:
        return _verified(source, "utf-16-le" if head[1::2].count(0) > head[0::2].count(0) else "utf-16-be")
    if set(head) & _CONTROLS:
        raise WorkbookRefused("encoding")
    try:
        return _verified(source, "utf-8")
    except WorkbookRefused:
        # Windows in western Europe's and Indonesia's setting. Bytes that it leaves undefined give other encodings away.
        if any(byte in head for byte in _UNDEFINED_CP1252):
            raise
        return _verified(source, "cp1252")


def _verified(source: bytes | Path, encoding: str) -> str:
    """`encoding`, if all of the file can be read in it."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        try:
            while block := file.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeError as error:
            raise WorkbookRefused("encoding") from error
    return encoding


def _delimiter(sample: str) -> str:
    """The delimiter by which most of the first lines fall into the same number of cells, the more cells the better."""
    lines = sample.splitlines()[:_SAMPLE_LINES]

    def worth(delimiter: str) -> tuple[float, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        usual = max(set(counts), key=lambda count: (counts.count(count), count)) if counts else 0
        return (usual > 1) * counts.count(usual) / max(len(counts), 1), usual

    scored = {delimiter: worth(delimiter) for delimiter in _DELIMITERS}
    even = [delimiter for delimiter in _DELIMITERS if scored[delimiter][0] >= _MOSTLY]
    return max(even or _DELIMITERS, key=lambda delimiter: scored[delimiter][1])


def _check(source: bytes | Path, encoding: str, delimiter: str, limits: Limits) -> None:
    last, width = 0, 0
    for number, row in _rows(source, encoding, delimiter, limits):
        last = number
        if len(row) > width:
            width = len(row)
            if width > limits.columns:
                raise WorkbookRefused("too_many_columns", sheet="CSV", columns=width, limit=limits.columns)
        if last > limits.rows:
            raise WorkbookRefused("too_many_rows", limit=limits.rows)


def _rows(source: bytes | Path, encoding: str, delimiter: str, limits: Limits) -> Iterator[tuple[int, Sequence[str]]]:
    with _text(source, encoding) as text:
        reader = csv.reader(text, delimiter=delimiter)
        number = 0
        try:
            for number, row in enumerate(reader, start=1):
                if row and len(max(row, key=len)) > limits.csv_field_letters:
                    raise WorkbookRefused("csv_field", row=number)
                yield number, row
        except csv.Error as error:
            raise WorkbookRefused("csv_field", row=number + 1) from error
