# ruff: noqa: PLR2004, SIM905 - numbers of digits and letters are said where a format is read; words are listed as words
"""District and village names as people type them, matched against the Kemendagri names of one regency or city."""

import re
from collections.abc import Iterable
from typing import Final

import msgspec
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from services.registry.domain.names import fold, words

_PREFIXES: Final = frozenset("kec kecamatan kel kelurahan desa ds kampung kp nagari gampong lurah distrik".split())
_EXPANSIONS: Final = {
    "sei": "sungai", "sungei": "sungai", "tj": "tanjung", "tg": "tanjung", "tjg": "tanjung", "tanjong": "tanjung",
    "bt": "batu", "btg": "batang", "pd": "padang", "bkt": "bukit", "lb": "lubuk", "pl": "pulau", "p": "pulau",
    "tlk": "teluk", "mr": "muara", "ma": "muara", "kb": "kebun", "blk": "belakang", "blkg": "belakang", "sb": "sumber",
    "utr": "utara", "sel": "selatan", "bar": "barat", "tim": "timur", "teng": "tengah",
}  # fmt: skip
_SAFE_SCORE: Final = 80.0
"""Share of equal letters (0 to 100) below which a name is not guessed."""
_CLEAR_LEAD: Final = 6.0
"""A guess must be better than the next best name by this much."""
_CELL_PREFIX: Final = re.compile(r"^\s*(?:kecamatan|kec|kelurahan|kel|desa|ds)\b[\s.:]*", re.IGNORECASE)


class Place(msgspec.Struct, frozen=True, gc=False):
    """A district or village that a cell names; `is_exact` is false where its spelling had to be guessed."""

    code: str
    name: str
    is_exact: bool = True
    is_elsewhere: bool = False
    """The village is in another district than the one that the row says."""


class Gazetteer:
    """The districts and villages of one regency or city, by name.

    `districts` and `villages` are (code, name) pairs with Kemendagri codes ("21.71.06", "21.71.06.1001"); a village
    belongs to the district whose code it begins with.
    """

    def __init__(self, districts: Iterable[tuple[str, str]], villages: Iterable[tuple[str, str]]) -> None:
        self._names: dict[str, str] = {}
        self._districts: dict[str, list[str]] = {}
        self._villages: dict[str, dict[str, list[str]]] = {"": {}}
        for code, name in districts:
            self._names[code] = name
            self._districts.setdefault(_key(name), []).append(code)
        for code, name in villages:
            self._names[code] = name
            for scope in ("", code.rpartition(".")[0]):
                self._villages.setdefault(scope, {}).setdefault(_key(name), []).append(code)
        self._seen_districts: dict[str, Place | None] = {}
        self._seen_villages: dict[tuple[str, str | None], Place | None] = {}

    def name(self, code: str) -> str:
        """The official name of a code. Raises `KeyError` for a code of another regency."""
        return self._names[code]

    def district(self, text: str) -> Place | None:
        """The district that a text names, or `None`."""
        if text not in self._seen_districts:
            _make_room(self._seen_districts)
            self._seen_districts[text] = self._find(text, self._districts)
        return self._seen_districts[text]

    def village(self, text: str, district: str | None) -> Place | None:
        """The village that a text names, in `district` (a code) if it is there, else the only one in the regency."""
        key = (text, district)
        if key not in self._seen_villages:
            _make_room(self._seen_villages)
            self._seen_villages[key] = self._find_village(text, district)
        return self._seen_villages[key]

    def is_district(self, text: str) -> bool:
        """Whether a text is certainly a district's name (exactly, whatever its case and blanks)."""
        place = self.district(text)
        return place is not None and place.is_exact

    def _find_village(self, text: str, district: str | None) -> Place | None:
        if district is not None:
            place = self._find(text, self._villages.get(district, {}))
            if place is not None:
                return place
        place = self._find(text, self._villages[""])
        if place is None or district is None or place.code.startswith(district + "."):
            return place
        return Place(place.code, place.name, place.is_exact, is_elsewhere=True)

    def _find(self, text: str, names: dict[str, list[str]]) -> Place | None:
        key = _key(text)
        if not key or not names:
            return None
        codes = names.get(key)
        if codes is not None:
            return Place(codes[0], self._names[codes[0]]) if len(codes) == 1 else None
        best = process.extract(key, names.keys(), scorer=fuzz.ratio, score_cutoff=_SAFE_SCORE, limit=2)
        if not best:
            # Short names ("Galang") lose much of their ratio by one error.
            best = [
                (near, 100.0, 0) for near in names if len(key) >= 4 and OSA.distance(key, near, score_cutoff=1) <= 1
            ]
            if len(best) != 1:
                return None
        elif len(best) == 2 and best[0][1] - best[1][1] < _CLEAR_LEAD:
            return None
        codes = names[best[0][0]]
        return Place(codes[0], self._names[codes[0]], is_exact=False) if len(codes) == 1 else None


def _key(text: str) -> str:
    parts = words(_CELL_PREFIX.sub("", text, count=1))
    if len(parts) > 1 and parts[0] in _PREFIXES:
        parts = parts[1:]
    return fold("".join([_EXPANSIONS.get(part, part) for part in parts]))


def _make_room(
    cache: dict[object, Place | None] | dict[str, Place | None] | dict[tuple[str, str | None], Place | None],
) -> None:
    if len(cache) >= 50_000:
        cache.clear()
