"""Looks into a zip (xlsx, ods) before anything opens it: sizes, ratios, XML entities, the used area of each sheet.

The reader holds a sheet's whole used area in memory, so one cell at XFD1048576 would cost more than any server has.
"""

import re
import zipfile
import zlib
from typing import IO, Final

from services.registry.workbook.errors import WorkbookRefused
from services.registry.workbook.extent import Extent, measure_ods, measure_xlsx
from services.registry.workbook.limits import Limits

_XML: Final = (".xml", ".rels", ".vml")
_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_PROLOGUE_BYTES: Final = 65_536
"""A document type declaration stands before the first element; no honest part begins later than this."""
_DECLARATION: Final = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_WIDE: Final = re.compile(rb"<\0!\0|\0<\0!")
"""The beginning of a declaration in UTF-16."""


def inspect_archive(file: IO[bytes], limits: Limits) -> None:
    """Checks a zip without unpacking it to memory or disk.

    Raises `WorkbookRefused`: damaged, not_a_workbook, encrypted, bomb, entities, too_many_columns, too_many_rows.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
            _check_sizes(infos, limits)
            kind = _kind(set(archive.namelist()))
            for info in infos:
                if info.filename.lower().endswith(_XML):
                    with archive.open(info) as part:
                        _check_prologue(part.read(_PROLOGUE_BYTES))
            _check_extents(archive, infos, kind, limits)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, ValueError) as error:
        if isinstance(error, WorkbookRefused):
            raise
        raise WorkbookRefused("damaged") from error
    except RuntimeError as error:  # zipfile's way of saying that a part is encrypted
        raise WorkbookRefused("encrypted") from error
    except zlib.error as error:
        raise WorkbookRefused("damaged") from error


def _check_sizes(infos: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(infos) > limits.entries or sum(info.file_size for info in infos) > limits.unpacked_bytes:
        raise WorkbookRefused("bomb")
    for info in infos:
        if info.flag_bits & 1:
            raise WorkbookRefused("encrypted")
        if info.filename.lower().endswith("sharedstrings.xml") and info.file_size > limits.shared_strings_bytes:
            raise WorkbookRefused("bomb")
        if info.file_size > limits.small_part_bytes and info.file_size > limits.unpacked_ratio * info.compress_size:
            raise WorkbookRefused("bomb")


def _kind(names: set[str]) -> str:
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "xl/workbook.bin" in names:  # calamine reads it, but its used area cannot be measured beforehand
        raise WorkbookRefused("not_a_workbook", kind="Excel biner (.xlsb)", kind_en="a binary Excel file (.xlsb)")
    if "content.xml" in names and "mimetype" in names:
        return "ods"
    if "word/document.xml" in names:
        raise WorkbookRefused("not_a_workbook", kind="dokumen Word", kind_en="a Word document")
    if "ppt/presentation.xml" in names:
        raise WorkbookRefused("not_a_workbook", kind="presentasi", kind_en="a presentation")
    raise WorkbookRefused("not_a_workbook", kind="arsip zip", kind_en="a zip archive")


def _check_prologue(head: bytes) -> None:
    if _DECLARATION.search(head) or _WIDE.search(head):
        raise WorkbookRefused("entities")


def _check_extents(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], kind: str, limits: Limits) -> None:
    if kind == "ods":
        with archive.open("content.xml") as part:
            for name, extent in measure_ods(part, limits):
                check_extent(name, extent, limits)
        return
    rows = 0
    for info in infos:
        if _SHEET.fullmatch(info.filename):
            with archive.open(info) as part:
                extent = measure_xlsx(part, limits)
            check_extent(info.filename.rpartition("/")[2].removesuffix(".xml"), extent, limits)
            rows += extent.rows
    if rows > limits.rows:
        raise WorkbookRefused("too_many_rows", limit=limits.rows)


def check_extent(name: str, extent: Extent, limits: Limits) -> None:
    """Refuses a sheet whose used area is too wide, too long or too large."""
    if extent.columns > limits.columns:
        raise WorkbookRefused("too_many_columns", sheet=name, columns=extent.columns, limit=limits.columns)
    if extent.rows > limits.rows:
        raise WorkbookRefused("too_many_rows", limit=limits.rows)
    if extent.rows * extent.columns > limits.cells:
        raise WorkbookRefused("too_wide_and_long", sheet=name, rows=extent.rows, columns=extent.columns)
