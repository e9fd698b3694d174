"""Looks into an OLE file (xls) before anything opens it: encryption, other documents, the used area of its sheets."""

import struct
from typing import Final

from services.registry.workbook.errors import WorkbookRefused
from services.registry.workbook.limits import Limits

_END: Final = 0xFFFFFFFA
"""Sector numbers from here on are marks, not sectors."""
_DIRECTORY_ENTRY: Final = 128
_STREAM: Final = 2
_BOF: Final = 0x0809
_FILEPASS: Final = 0x002F
_CELL_RECORDS: Final = frozenset((0x0006, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E, 0x00D6))
_RUN_RECORDS: Final = frozenset((0x00BD, 0x00BE))
"""MULRK and MULBLANK: cells side by side, whose last column stands at the end of the record."""


def inspect_ole(data: bytes, limits: Limits) -> None:
    """Checks an xls file. Raises `WorkbookRefused`: damaged, encrypted, not_a_workbook, too_many_columns, …_rows."""
    try:
        streams = _Streams(data)
        if "EncryptedPackage" in streams.entries:
            raise WorkbookRefused("encrypted")
        if "WordDocument" in streams.entries:
            raise WorkbookRefused("not_a_workbook", kind="dokumen Word", kind_en="a Word document")
        name = next((name for name in ("Workbook", "Book", "WORKBOOK", "BOOK") if name in streams.entries), None)
        if name is None:
            raise WorkbookRefused("not_a_workbook", kind="dokumen Office lain", kind_en="another Office document")
        _measure(streams.read(name), limits)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise WorkbookRefused("damaged") from error


class _Streams:
    """The streams of an OLE file by name (MS-CFB 2)."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._shift, self._mini_shift = struct.unpack_from("<HH", data, 30)
        if self._shift not in (9, 12) or self._mini_shift != 6:  # noqa: PLR2004 - the only ones that the format knows
            raise WorkbookRefused("damaged")
        directory, _, self._mini_limit, mini_fat = struct.unpack_from("<IIII", data, 48)
        self._fat = self._read_fat()
        entries = self._chain(directory)
        self.entries: dict[str, tuple[int, int]] = {}
        root = (0, 0)
        for offset in range(0, len(entries) - _DIRECTORY_ENTRY + 1, _DIRECTORY_ENTRY):
            length, kind = struct.unpack_from("<HB", entries, offset + 64)
            start, size = struct.unpack_from("<II", entries, offset + 116)
            if kind == _STREAM:
                self.entries[entries[offset : offset + max(length - 2, 0)].decode("utf-16-le")] = (start, size)
            elif offset == 0:
                root = (start, size)
        self._mini_fat = self._numbers(self._chain(mini_fat))
        self._mini = self._chain(root[0])

    def read(self, name: str) -> bytes:
        start, size = self.entries[name]
        if size >= self._mini_limit:
            return self._chain(start)[:size]
        parts: list[bytes] = []
        while start < _END and len(parts) <= len(self._mini_fat):
            parts.append(self._mini[start << 6 : (start + 1) << 6])
            start = self._mini_fat[start]
        return b"".join(parts)[:size]

    def _read_fat(self) -> list[int]:
        sectors = list(struct.unpack_from("<109I", self._data, 76))
        following, per_sector = struct.unpack_from("<I", self._data, 68)[0], (1 << self._shift) // 4
        seen = 0
        while following < _END and seen <= len(self._data) >> self._shift:
            numbers = self._numbers(self._sector(following))
            sectors += numbers[: per_sector - 1]
            following, seen = numbers[per_sector - 1], seen + 1
        return self._numbers(b"".join(self._sector(sector) for sector in sectors if sector < _END))

    def _sector(self, number: int) -> bytes:
        return self._data[(number + 1) << self._shift : (number + 2) << self._shift]

    def _chain(self, start: int) -> bytes:
        parts: list[bytes] = []
        while start < _END:
            parts.append(self._sector(start))
            if len(parts) > len(self._fat):  # a chain that bites its tail
                raise WorkbookRefused("damaged")
            start = self._fat[start]
        return b"".join(parts)

    @staticmethod
    def _numbers(data: bytes) -> list[int]:
        return list(struct.unpack_from(f"<{len(data) // 4}I", data))


def _measure(stream: bytes, limits: Limits) -> None:
    """Walks through the records of a BIFF stream (MS-XLS 2.1) and refuses cells outside the limits."""
    position, end = 0, len(stream) - 4
    rows = columns = widest = cells = 0
    while position <= end:
        kind, length = struct.unpack_from("<HH", stream, position)
        if kind in _CELL_RECORDS and length >= 4:  # noqa: PLR2004 - row and column
            row, column = struct.unpack_from("<HH", stream, position + 4)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        elif kind in _RUN_RECORDS and length >= 6:  # noqa: PLR2004 - row, first and last column
            (row,) = struct.unpack_from("<H", stream, position + 4)
            (column,) = struct.unpack_from("<H", stream, position + 2 + length)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        elif kind == _FILEPASS:
            raise WorkbookRefused("encrypted")
        elif kind == _BOF:
            cells, widest, rows, columns = cells + rows * columns, max(widest, columns), 0, 0
        position += 4 + length
    widest = max(widest, columns)
    if widest > limits.columns:
        raise WorkbookRefused("too_many_columns", sheet="xls", columns=widest, limit=limits.columns)
    if cells + rows * columns > limits.cells:  # calamine holds all sheets of an xls at once
        raise WorkbookRefused("too_wide_and_long", sheet="xls", rows=rows, columns=widest)
