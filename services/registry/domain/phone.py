# ruff: noqa: PLR2004, RUF001 - numbers of digits and letters are said where a format is read; quotation marks are meant
"""Indonesian phone numbers to E.164 ("+628123456789"), several in one cell, as people type them."""

import re
from functools import lru_cache
from typing import Final

import phonenumbers

from services.registry.domain.cells import Cell, is_unknown, text_of
from services.registry.domain.problems import CellError

MAX_PHONES: Final = 5
"""More numbers in one cell than this are a list that slipped into the wrong column."""

# Mobile numbers are +62 8 and 8 to 11 further digits, as phonenumbers says too.
_MOBILE: Final = re.compile(r"(?:\+?62|0)?0?(8[1-9]\d{7,10})")
_STRIP: Final = str.maketrans("", "", " -.()\t\u00a0'’\u2010\u2011\u2013")
_SEPARATORS: Final = re.compile(r"[/,;|&\n]|\b(?:atau|dan|or)\b", re.IGNORECASE)
_NATIONAL_PREFIX: Final = re.compile(r"^(?:\+62|62(?=\d{8}))?0?")
_WORDS: Final = re.compile(r"[A-Za-z:_*]+")


def parse_phones(cell: Cell) -> tuple[str, ...]:
    """The numbers in a cell, in order, each once; empty where the cell says that there is none.

    Raises `CellError` (phone_unreadable, phone_invalid) when the cell has text but no usable number; an unusable
    second number beside a good one is let go.
    """
    if isinstance(cell, str):
        match = _MOBILE.fullmatch(cell.translate(_STRIP))
        if match:
            return ("+62" + match[1],)
    elif cell is None:
        return ()
    text = text_of(cell)
    if is_unknown(text):
        return ()
    found: dict[str, None] = {}
    for part in _SEPARATORS.split(text):
        if number := _one(part):
            found[number] = None
    if not found:
        raise CellError("phone_invalid" if sum(map(str.isdigit, text)) >= 5 else "phone_unreadable")
    return tuple(found)[:MAX_PHONES]


def _one(part: str) -> str | None:
    plain = _WORDS.sub("", part).translate(_STRIP)
    if not plain or len(plain) > 20:
        return None
    if match := _MOBILE.fullmatch(plain):
        return "+62" + match[1]
    if plain.startswith("00") or (plain[0] == "+" and not plain.startswith("+62")):
        return _abroad(plain)
    national = _NATIONAL_PREFIX.sub("", plain)
    return "+62" + national if _valid_national().fullmatch(national) else None


@lru_cache(maxsize=1)
def _valid_national() -> re.Pattern[str]:
    """What phonenumbers takes for a valid Indonesian number, without its parser (which costs 50 to 100 µs a call)."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region("ID")
    if metadata is None:  # pragma: no cover - the library without Indonesia
        return re.compile(r"[2-9]\d{6,11}")
    kinds = (metadata.fixed_line, metadata.mobile, metadata.toll_free, metadata.premium_rate, metadata.uan)
    patterns = [kind.national_number_pattern for kind in kinds if kind is not None and kind.national_number_pattern]
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


@lru_cache(maxsize=1024)
def _abroad(plain: str) -> str | None:
    try:
        number = phonenumbers.parse(plain, "ID")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
