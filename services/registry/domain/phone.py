"""Indonesian phone numbers to E.164 ("+628123456789"), several in one cell, as people type them."""

import re
from functools import lru_cache
from typing import Final

import phonenumbers

from services.registry.domain.cells import Cell, is_unknown, text_of
from services.registry.domain.problems import CellError

MAX_PHONES: Final = 5
"""More numbers in one cell than this are a list that slipped into the wrong column."""

# Mobile numbers are +62 8 and 8 to 11 further digits. phonenumbers says the same, at fifty times the price.
_MOBILE: Final = re.compile(r"(?:\+?62|0)?0?(8[1-9]\d{7,10})")
_STRIP: Final = str.maketrans("", "", " -.()\t\u00a0'’\u2010\u2011\u2013")
_SEPARATORS: Final = re.compile(r"[/,;|&\n]|\b(?:atau|dan|or)\b", re.IGNORECASE)
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
    match = _MOBILE.fullmatch(plain)
    return "+62" + match[1] if match else _by_library(plain)


@lru_cache(maxsize=4096)
def _by_library(plain: str) -> str | None:
    try:
        number = phonenumbers.parse(plain, "ID")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
