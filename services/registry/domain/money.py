# ruff: noqa: PLR2004, RUF001, SIM905 - numbers of digits and letters are said where a format is read; dashes are meant; words are listed as words
"""Rupiah as people type them: "2,5 juta", "Rp. 1.500.000,-", "30jt/bln", "500rb", "1 M", "5-10 juta".

Indonesian writing: a dot groups thousands and a comma starts the fraction; the English way round is understood where
it cannot mean anything else ("1,500,000.00"). "M" is milyar (10⁹), never million.
"""

import math
import re
from functools import lru_cache
from typing import Final, Literal

import msgspec

from services.registry.domain.cells import Cell, is_unknown
from services.registry.domain.problems import CellError

Period = Literal["year", "month", "week", "day"]

MAX_RUPIAH: Final = 10**15
"""More than this in one cell is a typing error: it is twice the yearly budget of a large province."""
MIN_RUPIAH: Final = 1_000
"""A positive amount below this lacks its unit ("5" for five million)."""
PERIODS_PER_YEAR: Final[dict[Period, int]] = {"year": 1, "month": 12, "week": 52, "day": 312}
"""A day's takings count for 312 days: six working days a week."""


class Money(msgspec.Struct, frozen=True, gc=False):
    """An amount in whole rupiah, for one `period` where the cell says which; `is_range`: the middle of two bounds."""

    amount: int
    period: Period | None = None
    is_range: bool = False

    def per_year(self, default: Period = "year") -> int:
        """Rupiah per year; `default` is the period where the cell is silent (a header may say "per bulan")."""
        return self.amount * PERIODS_PER_YEAR[self.period or default]


_UNITS: Final = {
    "rb": 10**3, "ribu": 10**3, "rbu": 10**3, "k": 10**3,
    "jt": 10**6, "juta": 10**6, "jta": 10**6, "jut": 10**6, "jutaan": 10**6, "mio": 10**6,
    "m": 10**9, "milyar": 10**9, "miliar": 10**9, "mlyr": 10**9, "milyard": 10**9, "mil": 10**9,
    "t": 10**12, "triliun": 10**12, "trilyun": 10**12,
}  # fmt: skip
_PERIOD_WORDS: Final[dict[str, Period]] = {
    "th": "year", "thn": "year", "tahun": "year", "setahun": "year", "pertahun": "year", "year": "year",
    "bl": "month", "bln": "month", "bulan": "month", "sebulan": "month", "perbulan": "month", "month": "month",
    "mgg": "week", "minggu": "week", "seminggu": "week", "perminggu": "week", "pekan": "week", "week": "week",
    "hr": "day", "hari": "day", "sehari": "day", "perhari": "day", "day": "day",
}  # fmt: skip
_NUMBER_WORDS: Final = {
    "satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "tujuh": 7, "delapan": 8, "sembilan": 9,
    "sepuluh": 10, "sebelas": 11, "setengah": 0.5,
}  # fmt: skip
_ONE_OF: Final = {"seribu": 10**3, "sejuta": 10**6, "semilyar": 10**9, "semiliar": 10**9, "seratus": 100}
_FILLERS: Final = frozenset(
    (
        "rp idr rupiah per sekitar kira kurang lebih kl krg lbh rata ratarata perkiraan estimasi max maks min "
        "minimal maksimal dibawah diatas di bawah atas hingga sampai sd s d kotor bersih omzet omset total "
        "dan"
    ).split()
)
_RANGE_WORDS: Final = frozenset(("sampai", "hingga", "sd"))

_GROUPED: Final = re.compile(r"(?:[Rr][Pp]\.?\s*)?(\d{1,3}(?:\.\d{3})+)(?:,00|,-{1,2})?")
_TOKEN: Final = re.compile(r"\d[\d.,]*|[a-z]+|[-–—~]|[$€£¥]")
_NEGATIVE: Final = re.compile(r"^\s*(?:rp\.?\s*|idr\s*)?(?:[-–−]\s*(?:rp\.?\s*)?\d|\(\s*(?:rp\.?\s*)?\d[\d.,]*\s*\)$)")
_CURRENCY: Final = re.compile(r"[$€£¥]|\b(?:usd|sgd|myr|rm|dolar|dollar|ringgit|euro)\b")
_SD: Final = re.compile(r"\bs\s*[./]\s*d\b\.?")


@lru_cache(maxsize=16_384, typed=True)
def parse_money(cell: Cell, *, unit: int = 1) -> Money | None:
    """Reads one cell; `None` where it says that nothing is known.

    `unit` multiplies figures that carry none of their own (a header may say "dalam ribuan").
    A range gives its middle with `is_range`, because half of the offices ask for ranges and a class needs a figure.
    Raises `CellError`: money_unreadable, _negative, _too_small, _too_large, _currency.
    """
    if isinstance(cell, str):
        match = _GROUPED.fullmatch(cell)
        if match:
            return _checked(int(match[1].replace(".", "")) * unit, None, is_range=False)
        return _parse_text(cell, unit)
    if cell is None:
        return None
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise CellError("money_unreadable")
    if not abs(cell) <= MAX_RUPIAH:
        raise CellError("money_unreadable" if math.isnan(cell) else "money_too_large")
    return _checked(round(cell * unit), None, is_range=False)


def _checked(amount: int, period: Period | None, *, is_range: bool) -> Money:
    if amount < 0:
        raise CellError("money_negative")
    if 0 < amount < MIN_RUPIAH:
        raise CellError("money_too_small", amount=amount)
    if amount > MAX_RUPIAH:
        raise CellError("money_too_large")
    return Money(amount, period, is_range)


def _parse_text(text: str, unit: int) -> Money | None:
    text = text.strip().lower().lstrip("'").strip()
    if is_unknown(text):
        return None if text.strip("0") or not text else Money(0)
    if _CURRENCY.search(text):
        raise CellError("money_currency")
    if _NEGATIVE.match(text):
        raise CellError("money_negative")
    bounds, period = _bounds(_TOKEN.findall(_SD.sub(" sd ", text)))
    if not bounds:
        if is_unknown(re.sub(r"^(?:rp|idr)\.?\s*", "", text)):
            return None
        raise CellError("money_unreadable")
    if len(bounds) > 2:
        raise CellError("money_unreadable")
    # "5-10 juta": a bound without a unit borrows the other's, as long as the range still rises.
    last_unit = bounds[-1][1]
    amounts = [value * (own or (last_unit if last_unit and value < 1000 else unit)) for value, own in bounds]
    amount = round(sum(amounts) / len(amounts))
    return _checked(amount, period, is_range=len(amounts) == 2)


def _bounds(tokens: list[str]) -> tuple[list[tuple[float, int | None]], Period | None]:
    """The figures in a cell as (value, unit or None); "2 juta 500 ribu" is one figure, "2 - 3 juta" are two."""
    bounds: list[tuple[float, int | None]] = []
    period: Period | None = None
    value: float | None = None
    joined = False  # the next figure belongs to the last bound ("2 juta 500 ribu")
    for word in [*tokens, ""]:
        if value is not None:
            own = _UNITS.get(word)
            if joined and bounds and own and (bounds[-1][1] or 0) > own:
                before, scale = bounds[-1]
                bounds[-1] = (before + value * own / (scale or 1), scale)
            else:
                bounds.append((value, own))
            value, joined = None, own is not None
            if own:
                continue
        if not word or word in _FILLERS or word in "-–—~":
            joined = joined and word not in _RANGE_WORDS and word not in "-–—~"
        elif word[0].isdigit():
            value = _figure(word)
        elif word in _ONE_OF:
            bounds.append((1.0, _ONE_OF[word]))
        elif word in _NUMBER_WORDS:
            value = float(_NUMBER_WORDS[word])
        elif word in _PERIOD_WORDS:
            period = _PERIOD_WORDS[word]
        else:
            raise CellError("money_unreadable")
    return bounds, period


def _figure(token: str) -> float:
    """The number in "1.500.000,50" → 1500000.5; "2,5" → 2.5; "1.5" → 1.5; "1.500" → 1500; "1,500,000" → 1500000."""
    token = token.rstrip(".,")
    dots, commas = token.count("."), token.count(",")
    if dots and commas:
        decimal = max(token.rfind("."), token.rfind(","))
        whole, fraction = token[:decimal], token[decimal + 1 :]
    elif dots == 1 and len(token) - token.index(".") != 4:
        whole, _, fraction = token.partition(".")
    elif commas == 1:
        whole, _, fraction = token.partition(",")
        # "1,500" alone: Indonesian for one and a half, but three digits after "123," are English thousands.
        if len(fraction) == 3 and whole != "0" and len(whole) == 3:
            whole, fraction = whole + fraction, ""
    else:
        whole, fraction = token, ""
    digits = whole.replace(".", "").replace(",", "")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 18 or not (fraction or "0").isdigit():
        raise CellError("money_unreadable")
    return float(f"{digits}.{fraction or 0}")
