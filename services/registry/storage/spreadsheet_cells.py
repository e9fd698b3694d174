"""Text that may be put into a cell of somebody's spreadsheet without being run as a formula."""

from __future__ import annotations

import re
from typing import Any, Final

# the last four are the wide forms, which some spreadsheet programs take for the others
_BEGINNINGS: Final = "=+@\uff1d\uff0b\uff0d\uff20-"
_DANGEROUS: Final = (*_BEGINNINGS, "\t", "\r", "\n")
#: A program whose language parts columns by semicolons opens a CSV with commas, too: what follows one begins a cell there,
#: and what follows a line's end a row.
_LATER: Final = re.compile(rf"(?<=[;\t\r\n])([ \"]*)(?=[{_BEGINNINGS}])")


def harmless(value: Any) -> Any:
    """A text that begins like a formula, here or where columns are parted otherwise, gets an apostrophe in front of it.

    All else stays (OWASP: CSV injection).
    """
    if not isinstance(value, str):
        return value
    value = _LATER.sub(r"\1'", value)
    return f"'{value}" if value.startswith(_DANGEROUS) else value
