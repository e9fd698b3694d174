# ruff: noqa: PLR2004, SIM905 - numbers of digits and letters are said where a format is read; words are listed as words
"""Counts of people: "3", "3 org", "5 orang", "2 L + 1 P", "3 (tiga)"."""

import re
from functools import lru_cache
from typing import Final

from services.registry.domain.cells import Cell, is_unknown, text_of
from services.registry.domain.problems import CellError

MAX_COUNT: Final = 100_000
"""No micro, small or medium enterprise has more workers than this."""
_WORDS: Final = {
    word: number
    for number, word in enumerate("nol satu dua tiga empat lima enam tujuh delapan sembilan sepuluh".split())
} | {"sendiri": 1, "seorang": 1}
_NUMBER: Final = re.compile(r"\d+")
_BY_SEX: Final = re.compile(r"(\d+)\s*(?:org|orang)?\s*\(?(?:l|lk|laki|laki-laki|p|pr|perempuan|pria|wanita)\b")
_GROUPED: Final = re.compile(r"\d{1,3}(?:\.\d{3})+")


@lru_cache(maxsize=8192)
def parse_count(cell: Cell) -> int | None:
    """Reads a number of people; `None` where it says that nothing is known.

    Raises `CellError`: count_unreadable, count_implausible (negative, a fraction, above 100,000).
    """
    if cell is None:
        return None
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if not 0 <= cell <= MAX_COUNT or cell != int(cell):
            raise CellError("count_implausible", count=f"{cell:g}")
        return int(cell)
    if not isinstance(cell, str):
        raise CellError("count_unreadable")
    return _from_text(text_of(cell).lower())


def _from_text(text: str) -> int | None:
    if (text.strip("0") and is_unknown(text)) or not text:
        return None
    if text.startswith("-"):
        raise CellError("count_implausible", count=text[:8])
    numbers = _NUMBER.findall(text.replace(".", "") if _GROUPED.match(text) else text)
    if len(numbers) == 2 and ("+" in text or len(_BY_SEX.findall(text)) == 2):
        return _checked(int(numbers[0]) + int(numbers[1]))
    if len(numbers) == 1 and len(numbers[0]) < 12:
        return _checked(int(numbers[0]))
    for word in text.split():
        if word in _WORDS and not numbers:
            return _WORDS[word]
    raise CellError("count_unreadable")


def _checked(count: int) -> int:
    if count > MAX_COUNT:
        raise CellError("count_implausible", count=count)
    return count
