"""What every cell parser needs: the values that a cell may hold, and the ways of writing that nothing is known."""

import datetime as dt
import re
from typing import Final, TypeAlias

Cell: TypeAlias = str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta | None

# Written by people where a figure or a number is missing. Compared in lower case, without blanks at the ends.
UNKNOWN_WORDS: Final = frozenset(
    """
    - -- --- ---- . .. ... ? ?? ??? / x xx xxx na n/a n.a n.a. #n/a null none nil nihil kosong
    0 00 000 tidak|ada tdk|ada tdk tidak tak|ada tiada blm belum belum|ada blm|ada belum|punya tidak|punya
    tidak|tentu tdk|tentu tak|tentu tidak|tahu tdk|tahu tidak|diketahui belum|diketahui tidak|diisi menyusul
    """.replace("\n", " ").split()
)
_UNKNOWN: Final = frozenset(word.replace("|", " ") for word in UNKNOWN_WORDS)
MAX_WHOLE: Final = 1e18
"""Larger floats are shown as they are: their last digits mean nothing."""
_BLANKS: Final = re.compile(r"\s+")


def is_unknown(text: str) -> bool:
    """Whether a text says that nothing is known ("-", "tidak ada", "?", "belum", "0", blank)."""
    return not text or text.strip(" '\"").lower() in _UNKNOWN or text.isspace()


def text_of(cell: Cell) -> str:
    """A cell as one line of text: whole floats without ".0", blanks run together, a leading apostrophe dropped."""
    if isinstance(cell, str):
        if "  " in cell or not cell.isprintable():  # tabs, line ends and hard blanks are not printable
            cell = _BLANKS.sub(" ", cell)
        cell = cell.strip()
        return cell[1:].lstrip() if cell[:1] == "'" else cell
    if cell is None:
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < MAX_WHOLE else repr(cell)
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return str(cell)
