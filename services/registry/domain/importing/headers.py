# ruff: noqa: PLR2004 - numbers of digits and letters are said where a format is read
"""From a header's text to its field, with the unit and the period of money that it may state."""

import re
from functools import lru_cache
from typing import Final

import msgspec
from rapidfuzz import process
from rapidfuzz.distance import OSA

from services.registry.domain.importing.fields import PRODUCT_RANK, RULES, VOCABULARY, Field
from services.registry.domain.money import Period

EXACT: Final = 0.95
SPELT: Final = 0.8
"""Confidence of a header that is recognised as it stands, and after correcting its spelling."""

_WORDS: Final = re.compile(r"[a-z]+")
_JOINED: Final = re.compile(r"\bp\s*[-./]?\s*irt\b|\bs\s*-?\s*pirt\b")
_E_MAIL: Final = re.compile(r"\be[\s-]?mail\b")
_LONG_WORDS: Final = sorted(word for word in VOCABULARY if len(word) >= 5)
_UNITS: Final = (
    (re.compile(r"\bmilyar|\bmiliar"), 10**9),
    (re.compile(r"\bjuta|\bjt\b"), 10**6),
    (re.compile(r"\bribu|\brb\b|\(\s*000\s*\)|\bx\s*1\.?000\b"), 10**3),
)
_PERIODS: Final[tuple[tuple[re.Pattern[str], Period], ...]] = (
    (re.compile(r"(?:/|\bper|\bse|\btiap)?\s*\b(?:per|se)?(?:bulan|bln|bl)\b"), "month"),
    (re.compile(r"\b(?:per|se)?(?:minggu|mgg)\b"), "week"),
    (re.compile(r"\b(?:per|se)?(?:hari|hr)\b"), "day"),
    (re.compile(r"\b(?:per|se)?(?:tahun|thn|th)\b"), "year"),
)


class Header(msgspec.Struct, frozen=True):
    """What a header says. `rank` orders columns of the same field: smaller is better."""

    field: Field
    confidence: float
    unit: int = 1
    period: Period | None = None
    rank: int = 0


@lru_cache(maxsize=4096)
def read_header(text: str) -> Header | None:
    """The field that a header names, or `None` where its words say nothing."""
    lowered = _E_MAIL.sub("email", _JOINED.sub("pirt", text.lower().replace("_", " ")))
    words = _WORDS.findall(lowered)
    if not words or len(words) > 14:
        return None
    for candidates, confidence in ((words, EXACT), ([_spell(word) for word in words], SPELT)):
        bag = frozenset(candidates)
        for rule in RULES:
            if rule.holds(bag):
                return _header(rule.field, confidence, lowered, bag)
    return None


def _header(field: Field, confidence: float, text: str, words: frozenset[str]) -> Header:
    if field in ("capital", "sales"):
        unit = next((factor for pattern, factor in _UNITS if pattern.search(text)), 1)
        period = next((period for pattern, period in _PERIODS if pattern.search(text)), None)
        if field == "capital":
            return Header(field, confidence, unit, rank="modal" not in words)
        return Header(field, confidence, unit, period, rank=period not in (None, "year"))
    if field == "product":
        return Header(field, confidence, rank=next((i for i, word in enumerate(PRODUCT_RANK) if word in words), 99))
    if field in ("name", "owner_name"):
        return Header(field, confidence, rank="nama" not in words)
    return Header(field, confidence)


def _spell(word: str) -> str:
    """A misspelt word of the vocabulary put right ("kecamtan"); other words as they are."""
    if len(word) < 5 or word in VOCABULARY:
        return word
    best = process.extractOne(word, _LONG_WORDS, scorer=OSA.distance, score_cutoff=1 + (len(word) > 8))
    return best[0] if best else word
