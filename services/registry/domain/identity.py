# ruff: noqa: PLR2004, RUF001 - numbers of digits and letters are said where a format is read; quotation marks are meant
"""Identity numbers: NIK (persons), NIB (business actors), NPWP (tax).

NIK: 16 digits: place of first issue 6, birth date 6 (DDMMYY, 40 added to a woman's day), serial 4. No check digit. The
place is where the number was first issued, often long ago: a place that today's lists lack is unknown, not wrong.
NIB: 13 digits, one per actor, no published check digit. NPWP: 15 digits, or 16 (a person's NIK, or 0 and the old 15).

No message, exception or `repr` of this module contains an identity number.
"""

import datetime as dt
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from stdnum.exceptions import ValidationError
from stdnum.id import npwp as stdnum_npwp

from services.registry.domain.cells import Cell, is_unknown, text_of
from services.registry.domain.problems import CellError

_SEPARATORS: Final = str.maketrans("", "", " .-'\u00a0’`_,")
_SCIENTIFIC: Final = re.compile(r"[1-9](?:[.,]\d+)?\s*[eE]\+?\s*1[45]")
_PREFIX: Final = re.compile(r"^(?:no\.?\s*)?(?:nik|nib|npwp|ktp)\b[\s.:]*", re.IGNORECASE)
_EXACT_FLOATS: Final = 2**53
"""Above this a spreadsheet's number is no longer exact to the unit (Papuan NIKs begin with 91 to 97)."""
_YOUNGEST_OWNER: Final = 10
"""Years; a birth year that would make somebody younger belongs to the century before."""


@dataclass(frozen=True, slots=True)
class Nik:
    """A well-formed NIK. Its digits are for encryption and keyed hashing only; show `masked`."""

    digits: str = field(repr=False)

    @property
    def place(self) -> str:
        """Code of the district where it was first issued, with dots: "21.71.06"."""
        return f"{self.digits[:2]}.{self.digits[2:4]}.{self.digits[4:6]}"

    @property
    def is_female(self) -> bool:
        """Whether the number was issued to a woman (40 was added to the day of birth)."""
        return self.digits[6] >= "4"

    @property
    def masked(self) -> str:
        """What may be shown: the province and the last two digits."""
        return mask(self.digits)

    def born(self, today: dt.date) -> dt.date:
        """The birth date; the century is the one that makes an owner at least ten years old on `today`."""
        born = _birth_date(self.digits[6:12], today) or _birth_date(self.digits[6:12], None)
        if born is None:
            raise CellError("nik_date")
        return born


def mask(digits: str) -> str:
    """An identity number as it may be shown: "21************02". Short or damaged ones lose all but the length."""
    if len(digits) < 12:
        return "*" * len(digits)
    return digits[:2] + "*" * (len(digits) - 4) + digits[-2:]


def parse_nik(cell: Cell) -> Nik | None:
    """Reads a NIK; `None` where the cell says that there is none.

    A number that a spreadsheet has rounded (scientific notation, zeros at the end, a sixteenth digit lost) is damage:
    it raises nik_rounded and must be kept as unknown. Raises `CellError` also with nik_length, nik_format, nik_place,
    nik_date.
    """
    if cell is None or cell == "":
        return None
    numeric = isinstance(cell, int | float)
    digits = cell if isinstance(cell, str) else text_of(cell)
    if not (len(digits) == 16 and digits.isdigit() and digits.isascii()):
        if is_unknown(digits):
            return None
        if _SCIENTIFIC.fullmatch(digits.strip(" '")):
            raise CellError("nik_rounded")
        digits = _PREFIX.sub("", digits.strip(" '")).translate(_SEPARATORS)
        if not (digits.isascii() and digits.isdigit()):
            raise CellError("nik_format")
        if len(digits) != 16:
            raise CellError("nik_length", digits=len(digits))
    if digits.endswith("0000") or (numeric and (digits[-1] == "0" or int(digits) > _EXACT_FLOATS)):
        raise CellError("nik_rounded")
    if digits[0] == "0" or digits[:2] > "97" or digits[2:4] == "00":
        raise CellError("nik_place")
    if _birth_date(digits[6:12], None) is None:
        raise CellError("nik_date")
    return Nik(digits)


@lru_cache(maxsize=65_536)
def _birth_date(digits: str, today: dt.date | None) -> dt.date | None:
    """The birth date in a NIK's six digits, `None` where there is no such day; without `today` the century is this one."""
    day, month, year = int(digits[:2]), int(digits[2:4]), 2000 + int(digits[4:])
    if day > 40:
        day -= 40
    if today is not None and year > today.year - _YOUNGEST_OWNER:
        year -= 100
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


_NOT_YET: Final = frozenset(
    (
        "proses", "dalam proses", "sedang proses", "dlm proses", "diproses", "pengajuan", "sedang diurus",
        "ada", "sudah", "sudah ada", "punya", "ya", "y", "tidak", "belum ada", "blm ada",
    )
)  # fmt: skip
"""What people write where a number should be: that it is on its way, or that there is one."""


def parse_nib(cell: Cell) -> str | None:
    """Reads a NIB (13 digits); `None` for "-", "Belum", "Proses" and the like.

    A number cell that has lost its leading zeros gets them back. Raises `CellError`: nib_length, nib_format.
    """
    if cell is None or cell == "":
        return None
    if isinstance(cell, str) and len(cell) == 13 and cell.isascii() and cell.isdigit():
        return cell
    text = text_of(cell)
    if is_unknown(text) or text.lower() in _NOT_YET:
        return None
    digits = _PREFIX.sub("", text).translate(_SEPARATORS)
    if not digits or is_unknown(digits) or digits.lower() in _NOT_YET:
        return None
    if not (digits.isascii() and digits.isdigit()):
        raise CellError("nib_format")
    if not isinstance(cell, str):
        digits = digits.zfill(13) if len(digits) >= 10 else digits
    if len(digits) != 13:
        raise CellError("nib_length", digits=len(digits))
    return digits


def parse_npwp(cell: Cell) -> str | None:
    """Reads an NPWP (15 digits, or 16); `None` where there is none. Raises `CellError`: npwp_invalid."""
    text = text_of(cell)
    if is_unknown(text) or text.lower() in _NOT_YET:
        return None
    digits = _PREFIX.sub("", text).translate(_SEPARATORS)
    if len(digits) == 16 and digits[0] != "0":
        try:
            return nik.digits if (nik := parse_nik(digits)) else None
        except CellError:
            raise CellError("npwp_invalid") from None
    try:
        return str(stdnum_npwp.validate(digits))
    except ValidationError:
        raise CellError("npwp_invalid") from None
