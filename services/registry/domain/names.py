# ruff: noqa: SIM905 - words are listed as words
"""Names as they are compared: without titles, legal forms, case, punctuation and spelling habits.

Nothing here changes what is stored or shown. Two spellings of a name that a person would call the same get the same
*key*; what is left (typing errors) is for the matching to bridge.
"""

import re
from functools import lru_cache
from typing import Final

_ACCENTS: Final = str.maketrans("áàâäãåéèêëíìîïóòôöõúùûüçñ", "aaaaaaeeeeiiiiooooouuuucn")
_BLANKS: Final = {code: " " for code in range(128) if not chr(code).isalnum()}
"""For `str.translate`: anything that is no letter or digit becomes a blank."""

# Ejaan Van Ophuijsen and habit: Soekarno/Sukarno, Djoko/Joko, Tjandra/Candra, Sjarif/Syarif, Ahmad/Achmad, Yuli/Iuli.
_SPELLING: Final = (
    ("oe", "u"), ("dj", "j"), ("tj", "c"), ("sj", "s"), ("sy", "s"), ("kh", "h"), ("ph", "f"), ("ch", "h"),
    ("th", "t"), ("dh", "d"), ("x", "ks"),
)  # fmt: skip
_LETTERS: Final = str.maketrans("vyzq", "fisk")
_DOUBLED: Final = re.compile(r"([a-z])\1+")

PERSON_TITLES: Final = frozenset(
    (
        "ibu bu ibuk bapak bpk bp pak pa sdr sdri saudara saudari nyonya ny tuan tn nona nn mas mbak mba bang "
        "kak h hj haji hajjah ust ustad ustadz ustadzah kh almarhum alm almh drs dra dr drg ir prof"
    ).split()
)
_DEGREES: Final = re.compile(
    r",.*$|\b(?:s\.\s?(?:e|h|t|p|sos|kom|pd|ag|ip|si|hut|farm|pt|tp|kep|st)|m\.\s?(?:m|si|pd|kom|h|t|ag)|a\.\s?md)\b.*$"
)
_GIVEN_SHORT: Final = dict.fromkeys(
    "m md muh moh moch mohd muhamad mohamad mohammad mochamad muhamat".split(), "muhammad"
)
LEGAL_FORMS: Final = frozenset("ud cv pt fa pd po kub kube kwt koperasi kop poktan tb usaha umkm ukm ikm".split())


def fold(text: str) -> str:
    """One word or a squashed name in the spelling in which names are compared. Digits stay as they are."""
    for old, new in _SPELLING:
        if old in text:
            text = text.replace(old, new)
    return _DOUBLED.sub(r"\1", text.translate(_LETTERS))


def words(text: str) -> list[str]:
    """The words of a text in lower-case ASCII letters and digits."""
    text = text.lower()
    if not text.isascii():
        text = text.translate(_ACCENTS).encode("ascii", "replace").decode("ascii")
    return text.translate(_BLANKS).split()


@lru_cache(maxsize=16_384)
def _fold_word(word: str) -> str:
    return fold(word)


@lru_cache(maxsize=32_768)
def person_words(name: str) -> tuple[str, ...]:
    """The folded words of a person's name, titles and degrees dropped: "Hj. Siti Aisjah, S.E." → ("siti", "aisah")."""
    lowered = name.lower()
    if "." in lowered or "," in lowered:
        lowered = _DEGREES.sub("", lowered) or lowered
    parts = words(lowered)
    kept = [part for part in parts if part not in PERSON_TITLES] or parts
    if len(kept) > 1 and kept[0] in _GIVEN_SHORT:
        kept[0] = "muhammad"
    return tuple(map(_fold_word, kept))


@lru_cache(maxsize=32_768)
def business_keys(name: str) -> tuple[str, str]:
    """A business name without blanks, folded, with and without legal forms: "UD. Tan  Jaya" → ("udtanjaia", "tanjaia").

    Blanks that are lost or moved change nothing in the first of them.
    """
    parts = words(name)
    key = fold("".join(parts))
    kept = [part for part in parts if part not in LEGAL_FORMS]
    return key, fold("".join(kept)) if kept and len(kept) < len(parts) else key


@lru_cache(maxsize=16_384)
def plain_key(text: str) -> str:
    """Any short text (product, street) without blanks, folded."""
    return fold("".join(words(text)))
