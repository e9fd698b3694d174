"""Identity numbers (NIK) where none belongs: in headers, names of files and remarks, which are written down as they come."""

from __future__ import annotations

import re
from typing import Final

#: A place, a birth date (40 added to a woman's day) and a serial number: other numbers of sixteen digits, such as a moment in
#: microseconds, are hardly ever one.
_NIK: Final = re.compile(
    r"(?<!\d)[1-9]\d(?!00)\d{4}"
    r"(?:[04][1-9]|[1256]\d|[37][01])(?:0[1-9]|1[0-2])\d{2}"
    r"(?!0000)\d{4}(?!\d)",
    re.ASCII,
)


#: As people write one in a sentence.
_WRITTEN: Final = re.compile(r"(?<!\d)(?:\d[ .-]?){15}\d(?!\d)", re.ASCII)


def in_words(text: str) -> bool:
    """Whether a sentence has sixteen digits in it, however they are set: nothing else that people write there has."""
    return _WRITTEN.search(text) is not None


def in_text(text: str) -> bool:
    """Whether there is one."""
    return _NIK.search(text) is not None


def hidden(text: str) -> str:
    """The text with the digits of each replaced, all but the first two and the last two."""
    return _NIK.sub(lambda found: f"{found[0][:2]}{'x' * 12}{found[0][-2:]}", text)
