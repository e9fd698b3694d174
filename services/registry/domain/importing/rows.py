"""Tells an office's data rows from what else stands in a sheet: totals, signatures, sections, repeated headers."""

import re
from collections.abc import Sequence
from typing import Final, Literal

from services.registry.domain.cells import Cell, text_of
from services.registry.domain.importing.header_rows import is_numbering
from services.registry.domain.importing.layout import Layout
from services.registry.domain.regions import Gazetteer

RowKind = Literal["data", "skip", "section"]

_TOTAL: Final = re.compile(
    r"(?:sub\s*-?\s*|grand\s*)?(?:jumlah|total)(?:\s+(?:total|seluruh(?:nya)?|keseluruhan|umkm|usaha|data|kec\w*\.?.*))?\s*:?",
    re.IGNORECASE,
)
_SECTION: Final = re.compile(r"\s*(kecamatan|kec|kelurahan|kel|desa)\b[\s.:]*(.+?)\s*", re.IGNORECASE)
_FOOTER: Final = re.compile(
    r"\b(?:mengetahui|kepala|dinas|plt|nip|sekretaris|camat|lurah|catatan|sumber|keterangan|dibuat|petugas|pendata"
    r"|ttd|dicetak|halaman|tembusan|pembina|januari|februari|maret|april|mei|juni|juli|agustus|september|oktober"
    r"|november|desember)\b",
    re.IGNORECASE,
)
_FEW: Final = 3
"""A row with no more filled cells than this may be a note, a total or a signature."""


class RowSorter:
    """Sorts one sheet's rows; remembers the section ("Kecamatan Nongsa") that the following rows stand in."""

    def __init__(self, layout: Layout, gazetteer: Gazetteer) -> None:
        self._names = [c.index for c in layout.columns if c.field in ("name", "owner_name")]
        self._header = {c.index: c.header.lower() for c in layout.columns if c.header}
        self._header_texts = frozenset(self._header.values())
        self._last_header = max(layout.header_rows, default=0)
        self._gazetteer = gazetteer
        self.district: str | None = None
        self.village: str | None = None

    def kind(self, number: int, cells: Sequence[Cell]) -> RowKind:
        """What a row is; `number` as the sheet shows it."""
        if number <= self._last_header:
            return "skip"
        filled = len(cells) - cells.count("") - cells.count(None)
        named = [cells[index] for index in self._names if index < len(cells) and cells[index] not in ("", None)]
        # The usual row, told in as few steps as possible.
        if filled > _FEW and named and isinstance(named[0], str):
            first = named[0]
            if first.lower() not in self._header_texts and not _TOTAL.fullmatch(first.strip()):
                return "data"
        return self._unusual(cells, filled, named)

    def _unusual(self, cells: Sequence[Cell], filled: int, named: Sequence[Cell]) -> RowKind:
        if not filled:
            return "skip"
        texts = [text_of(cell) for cell in cells if cell not in ("", None)]
        texts = [text for text in texts if text and not text.isspace()]
        if not texts or is_numbering(cells) or self._repeats_header(cells, filled):
            return "skip"
        if len(texts) <= _FEW and self._starts_section(texts):
            return "section"
        first_words = next((text for text in texts if not text.replace(".", "").isdigit()), "")
        if _TOTAL.fullmatch(first_words.strip()) and (not named or len(texts) <= max(_FEW, len(self._header) // 2)):
            return "skip"
        if len(texts) == 1 or (len(texts) <= _FEW and (not named or any(map(_FOOTER.search, texts)))):
            return "skip"
        return "data"

    def _repeats_header(self, cells: Sequence[Cell], filled: int) -> bool:
        """Whether a row is the header again, as printed sheets have it on every page."""
        same = sum(
            isinstance(cell, str) and cell != "" and cell.strip().lower() in self._header.get(index, "")
            for index, cell in enumerate(cells)
        )
        return same * 5 >= filled * 3 and same >= min(2, filled)

    def _starts_section(self, texts: Sequence[str]) -> bool:
        for text in texts:
            match = _SECTION.fullmatch(text)
            name = match[2] if match else text
            if match and match[1].lower().startswith(("kel", "desa")):
                place = self._gazetteer.village(name, self.district)
                if place is not None:
                    self.village = name
                    return True
            elif (match and self._gazetteer.district(name)) or self._gazetteer.is_district(name):
                self.district, self.village = self._gazetteer.district(name).code, None  # type: ignore[union-attr]
                return True
        return False
