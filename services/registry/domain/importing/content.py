"""What a column's cells say it is, where its header says nothing or says something else."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from services.registry.domain.cells import Cell, is_unknown, text_of
from services.registry.domain.importing.fields import Field
from services.registry.domain.regions import Gazetteer

CONFIDENCE: Final = 0.6
"""Of a column that is recognised by its cells alone."""
_ENOUGH: Final = 0.6
"""Share of the filled cells that must look like the field."""
_LEAST_CELLS: Final = 3
_SAMPLES: Final = 3
_SAMPLE_LENGTH: Final = 40
_SIGN: Final = re.compile(r"\w")

_PATTERNS: Final[tuple[tuple[Field, re.Pattern[str]], ...]] = (
    ("email", re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", re.IGNORECASE)),
    ("nik", re.compile(r"'?[1-9]\d(?:[ .-]?\d){14}|\d[.,]\d+E\+15")),
    # before NIB: a phone number with its country code has 13 digits, too, while few NIBs begin like one
    ("phone", re.compile(r"(?:\+?62|0)?8[1-9](?:[ -]?\d){7,10}(?:\D.*)?")),
    ("nib", re.compile(r"(?:NIB\s*:?\s*)?\d{13}", re.IGNORECASE)),
    ("sex", re.compile(r"[LP]|LK|PR|Laki-?\s?laki|Perempuan|Pria|Wanita", re.IGNORECASE)),
    ("rt_rw", re.compile(r"(?:RT\s*)?0?\d{1,2}\s*/\s*(?:RW\s*)?0?\d{1,2}", re.IGNORECASE)),
)
_OWN: Final[dict[Field, frozenset[Field]]] = {"phone": frozenset({"nik", "nib"}), "nik": frozenset({"nib", "phone"})}


def guess_field(cells: Sequence[Cell], gazetteer: Gazetteer) -> Field | None:
    """The field that most of the filled cells look like, or `None`."""
    filled = [text for text in map(text_of, cells) if not is_unknown(text)]
    if len(filled) < _LEAST_CELLS:
        return None
    for field, pattern in _PATTERNS:
        if sum(pattern.fullmatch(text) is not None for text in filled) >= _ENOUGH * len(filled):
            return field
    if any(any(map(str.isdigit, text)) for text in filled[:5]):
        return None
    if _share(filled, gazetteer.is_district) >= _ENOUGH:
        return "district"
    if _share(filled, lambda text: gazetteer.village(text, None) is not None) >= _ENOUGH:
        return "village"
    return None


def contradicts(field: Field, guess: Field | None) -> bool:
    """Whether cells that look like `guess` cannot be what the header calls them (NIKs under "No. HP")."""
    return guess is not None and guess in _OWN.get(field, frozenset())


def samples(cells: Sequence[Cell]) -> tuple[str, ...]:
    """The first different cells as shapes: every word's first letter, every number's length ("S*** R********")."""
    texts = dict.fromkeys(text for text in map(text_of, cells) if not is_unknown(text))
    return tuple(_shape(text[:_SAMPLE_LENGTH]) for text in list(texts)[:_SAMPLES])


def _shape(text: str) -> str:
    return " ".join(
        _SIGN.sub("*", word) if any(map(str.isdigit, word)) else word[:1] + _SIGN.sub("*", word[1:])
        for word in text.split()
    )


def _share(filled: Sequence[str], test: Callable[[str], bool]) -> float:
    return sum(map(test, filled)) / len(filled)
