# ruff: noqa: PLR2004 - numbers of digits and letters are said where a format is read
"""KBLI cells: "10750", 10750, 1138 (a leading zero lost), "10750 - Rendang kemasan", "kuliner".

KBLI 2020 and 2025 (BPS 7/2025) are both in use; a code is only meaningful with its version.
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final, Literal

from services.registry.domain.cells import Cell, is_unknown, text_of
from services.registry.domain.problems import CellError

KbliVersion = Literal["2020", "2025"]
_CODE: Final = re.compile(r"(?<!\d)(?:kbli\s*:?\s*)?(\d{4,5})(?!\d)", re.IGNORECASE)


class KbliReader:
    """Reads KBLI cells against the known codes of each version; the version that is in force comes first."""

    def __init__(self, known: Mapping[KbliVersion, AbstractSet[str]]) -> None:
        self._known = {version: codes for version, codes in known.items() if codes}
        self._seen: dict[tuple[type, Cell], tuple[KbliVersion | None, str] | CellError | None] = {}

    def read(self, cell: Cell) -> tuple[KbliVersion | None, str] | None:
        """(version, five digits), or `None` where the cell says nothing; version `None` while no list is loaded.

        Raises `CellError`: kbli_unknown, kbli_unreadable.
        """
        key = (type(cell), cell)
        try:
            result = self._seen[key]
        except KeyError:
            try:
                result = self._read(cell)
            except CellError as error:
                result = error
            if len(self._seen) < 20_000:
                self._seen[key] = result
        if isinstance(result, CellError):
            raise CellError(result.code, **result.params)
        return result

    def _read(self, cell: Cell) -> tuple[KbliVersion | None, str] | None:
        text = text_of(cell)
        if is_unknown(text):
            return None
        codes = _CODE.findall(text)
        if not codes:
            raise CellError("kbli_unreadable")
        # Only a number cell, or four bare digits, can have lost a leading zero; and only section A codes begin with 0.
        for code in codes:
            candidate = code if len(code) == 5 else "0" + code
            for version, known in self._known.items():
                if candidate in known:
                    return version, candidate
        if self._known:
            raise CellError("kbli_unknown")
        if len(codes[0]) == 5 or not isinstance(cell, str):
            return None, codes[0].zfill(5)
        raise CellError("kbli_unreadable")
