"""The cells that need little: sex, licences, addresses' RT and RW, e-mail, names as they are stored."""

import re
from functools import lru_cache
from typing import Final

from services.registry.domain.cells import Cell, is_unknown, text_of
from services.registry.domain.importing.records import Licence
from services.registry.domain.problems import CellError

MAX_NAME: Final = 200
MAX_TEXT: Final = 500
"""Letters that are kept of a name and of any other text."""

_FEMALE: Final = frozenset(["p", "pr", "perempuan", "wanita", "f", "w", "female", "wnt"])
_MALE: Final = frozenset(["l", "lk", "laki", "laki-laki", "pria", "m", "male", "laki2", "lelaki"])
_IN_PROCESS: Final = re.compile(r"proses|pengajuan|diurus|ajukan", re.IGNORECASE)
_HELD: Final = frozenset(
    ["ada", "sudah", "punya", "ya", "y", "v", "x", "√", "✓", "memiliki", "bersertifikat", "terdaftar"]
) | {
    "sudah ada",
    "sdh ada",
}
_NO_LICENCE: Final = frozenset(("tidak", "t", "n", "belum memiliki", "tidak memiliki", "belum terdaftar"))
_EMAIL: Final = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}")
_RT_RW: Final = re.compile(
    r"\bRT[\s./:]*(?:RW[\s./:]*)?(\d{1,3})(?:\s*[/,.-]?\s*(?:RW)?[\s.:]*(\d{1,3}))?", re.IGNORECASE
)
_RW: Final = re.compile(r"\bRW[\s.:]*(\d{1,3})", re.IGNORECASE)
_PAIR: Final = re.compile(r"\D*(\d{1,3})\s*[/\-.]\s*(?:RW)?[\s.:]*(\d{1,3})\D*", re.IGNORECASE)
_VILLAGE_IN: Final = re.compile(r"\b(?:kel|kelurahan|desa|ds)\b[\s.:]+([A-Za-z' ]+?)\s*(?:,|;|$|\bkec)", re.IGNORECASE)
_DISTRICT_IN: Final = re.compile(
    r"\b(?:kec|kecamatan)\b[\s.:]+([A-Za-z' ]+?)\s*(?:,|;|$|\bkota\b|\bkab)", re.IGNORECASE
)


@lru_cache(maxsize=1024)
def parse_sex(cell: Cell) -> bool | None:
    """True for a woman, False for a man, `None` where it is not said. Raises `CellError` sex_unreadable."""
    text = text_of(cell).lower().strip(" .")
    if text in _FEMALE:
        return True
    if text in _MALE:
        return False
    if is_unknown(text):
        return None
    raise CellError("sex_unreadable")


@lru_cache(maxsize=8192)
def parse_licence(cell: Cell) -> Licence | None:
    """A licence cell: "-" and "Belum" are none, "Proses" is in process, "Ada" is held, anything with digits a number."""
    text = text_of(cell)
    if is_unknown(text) or text.lower() in _NO_LICENCE:
        return None
    if any(map(str.isdigit, text)):
        return Licence("held", text[:MAX_NAME])
    if _IN_PROCESS.search(text):
        return Licence("in_process")
    return Licence("held") if text.lower() in _HELD else Licence("held", text[:MAX_NAME])


def parse_email(cell: Cell) -> str | None:
    """An e-mail address in lower case, `None` where there is none. Raises `CellError` email_invalid."""
    text = text_of(cell)
    if is_unknown(text):
        return None
    match = _EMAIL.search(text)
    if match is None:
        raise CellError("email_invalid")
    return match[0].lower()


def rt_rw_in(text: str) -> tuple[int | None, int | None]:
    """RT and RW as an address mentions them: "RT 02/RW 05", "RT.02 RW.05", "RT/RW 02/05"."""
    match = _RT_RW.search(text)
    if match is None:
        rw = _RW.search(text)
        return None, int(rw[1]) if rw else None
    second = match[2] or ((found := _RW.search(text)) and found[1])
    return int(match[1]), int(second) if second else None


def parse_rt_rw(cell: Cell) -> tuple[int | None, int | None]:
    """A cell that holds both: "02/05", "RT 02 RW 05"."""
    text = text_of(cell)
    match = _PAIR.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else rt_rw_in(text)


@lru_cache(maxsize=1024)
def parse_block(cell: Cell) -> int | None:
    """A cell with one RT or RW number; `None` where it has none."""
    digits = "".join(filter(str.isdecimal, text_of(cell)))
    return int(digits) if digits.isascii() and 0 < len(digits) <= 3 else None  # noqa: PLR2004 - three digits at most


def place_in(address: str) -> tuple[str | None, str | None]:
    """(village, district) as a whole address mentions them: "Jl. X No. 3 Kel. Belian Kec. Batam Kota"."""
    village, district = _VILLAGE_IN.search(address), _DISTRICT_IN.search(address)
    return village[1] if village else None, district[1] if district else None


@lru_cache(maxsize=16_384, typed=True)
def clean_name(cell: Cell) -> str:
    """A name as it is stored: blanks put right, "" where the cell says that there is none."""
    text = text_of(cell)
    if len(text) < 12 and is_unknown(text):  # noqa: PLR2004 - no way of saying "unknown" is longer
        return ""
    return text if len(text) <= MAX_NAME else text[:MAX_NAME].rstrip()


@lru_cache(maxsize=8192)
def clean_text(cell: Cell) -> str | None:
    """Any other text as it is stored, `None` where the cell says nothing."""
    text = text_of(cell)
    return None if is_unknown(text) else text[:MAX_TEXT]
