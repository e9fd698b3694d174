"""The one way in: bytes or a path become a `Workbook`, or `WorkbookRefused` says what to do."""

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    WorksheetNotFound,
)

from services.registry.workbook.archive import check_extent, inspect_archive
from services.registry.workbook.delimited import open_delimited
from services.registry.workbook.errors import WorkbookRefused
from services.registry.workbook.extent import Extent
from services.registry.workbook.kinds import HEAD_BYTES, NotAWorkbookError, sniff
from services.registry.workbook.limits import DEFAULT_LIMITS, Limits
from services.registry.workbook.ole import inspect_ole
from services.registry.workbook.sheets import Cell, Sheet, Workbook

T = TypeVar("T")

_MB: Final = 2**20


def open_workbook(source: bytes | Path, *, limits: Limits = DEFAULT_LIMITS) -> Workbook:
    """Opens an xlsx, xls, ods, csv or tsv file, judged by its content.

    The file must stay where it is until the last sheet has been read. Sheets are loaded one at a time, when their rows
    are asked for. Raises `WorkbookRefused` (codes in errors.py), and `OSError` where a path cannot be read.
    """
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size == 0:
        raise WorkbookRefused("empty_file")
    if size > limits.file_bytes:
        raise WorkbookRefused("too_large", size=-(-size // _MB), limit=limits.file_bytes // _MB)
    try:
        kind = sniff(_head(source))
    except NotAWorkbookError as error:
        raise WorkbookRefused("not_a_workbook", kind=error.kind, kind_en=error.kind_en) from None
    if kind == "text":
        return open_delimited(source, limits)
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        if kind == "zip":
            inspect_archive(file, limits)
        else:
            inspect_ole(file.read(), limits)
    return _open_calamine(source, kind, limits)


def _head(source: bytes | Path) -> bytes:
    if isinstance(source, bytes):
        return source[:HEAD_BYTES]
    with source.open("rb") as file:
        return file.read(HEAD_BYTES)


def _open_calamine(source: bytes | Path, kind: str, limits: Limits) -> Workbook:
    book = _told(lambda: CalamineWorkbook.from_object(io.BytesIO(source) if isinstance(source, bytes) else source))
    tables = [meta for meta in book.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]
    if len(tables) > limits.sheets:
        raise WorkbookRefused("too_many_sheets", sheets=len(tables), limit=limits.sheets)
    loader = _Loader(book, limits)
    sheets = tuple(
        Sheet(
            meta.name,
            _reading(loader, meta.name),
            hidden=meta.visible != SheetVisibleEnum.Visible,
            merged=() if meta.visible != SheetVisibleEnum.Visible else loader.merged(meta.name),
        )
        for meta in tables
    )
    if all(sheet.hidden or loader.is_empty(sheet.name) for sheet in sheets):
        raise WorkbookRefused("no_rows")
    return Workbook("xlsx or ods" if kind == "zip" else "xls", sheets)


class _Loader:
    """Loads sheets as they are asked for and keeps them while together they stay within the limit for one."""

    def __init__(self, book: CalamineWorkbook, limits: Limits) -> None:
        self._book = book
        self._limits = limits
        self._loaded: dict[str, CalamineSheet] = {}
        self._cells = 0

    def load(self, name: str) -> CalamineSheet:
        if name in self._loaded:
            return self._loaded[name]
        sheet = _told(lambda: self._book.get_sheet_by_name(name))
        end = sheet.end or (0, 0)
        extent = Extent(end[0] + 1, end[1] + 1)
        check_extent(name, extent, self._limits)
        self._cells += extent.rows * extent.columns
        if self._cells > self._limits.cells:
            self._loaded.clear()
            self._cells = extent.rows * extent.columns
        self._loaded[name] = sheet
        return sheet

    def merged(self, name: str) -> tuple[tuple[tuple[int, int], tuple[int, int]], ...]:
        return tuple(self.load(name).merged_cell_ranges or ())

    def is_empty(self, name: str) -> bool:
        return self.load(name).start is None


def _reading(loader: _Loader, name: str) -> Callable[[], Iterator[tuple[int, Sequence[Cell]]]]:
    def rows() -> Iterator[tuple[int, Sequence[Cell]]]:
        sheet = loader.load(name)
        if sheet.start is None:
            return
        # iter_rows begins with the sheet's first row, but with the first column that is used.
        margin = [""] * sheet.start[1]
        for number, row in enumerate(sheet.iter_rows(), start=1):
            yield number, margin + row if margin else row

    return rows


def _told(open_it: Callable[[], T]) -> T:
    """What calamine says, in our words."""
    try:
        return open_it()
    except PasswordError as error:
        raise WorkbookRefused("encrypted") from error
    except (CalamineError, WorksheetNotFound, ValueError, OSError) as error:
        raise WorkbookRefused("damaged") from error
