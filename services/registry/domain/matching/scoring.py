"""Weighs a pair of records. Pure and symmetric: score(a, b) == score(b, a)."""

from typing import Final

import msgspec
from rapidfuzz.distance import OSA

from services.registry.domain.matching import weights as w
from services.registry.domain.matching.record import MatchRecord
from services.registry.domain.matching.weights import Evidence

_distance: Final = OSA.distance
_LETTERS_PER_ERROR: Final = 5
"""The shortest text in which one wrong letter is more likely an error than another word."""
_LETTERS_FOR_TWO: Final = 12
_KEEPS_GOING: Final = frozenset((w.NIK_SAME, w.NIB_SAME, w.PHONE_SAME, w.EMAIL_SAME))


class Score(msgspec.Struct, frozen=True, gc=False):
    """How surely two records are one business.

    `value` is the smaller of the bits against strangers and against siblings (weights.py), priors taken off: at 0 it
    is as likely as not, each further bit doubles the odds. `evidence` is what it is made of.
    """

    value: float
    evidence: tuple[Evidence, ...]

    def codes(self) -> frozenset[str]:
        """The codes of all observations."""
        return frozenset(item.code for item in self.evidence)

    def reasons_id(self) -> tuple[str, ...]:
        """The observations in Indonesian, those that say most first."""
        return tuple(item.reason_id for item in self._by_weight())

    def reasons_en(self) -> tuple[str, ...]:
        """The observations in English, those that say most first."""
        return tuple(item.reason_en for item in self._by_weight())

    def _by_weight(self) -> list[Evidence]:
        return sorted(self.evidence, key=lambda item: -abs(item.stranger + item.sibling))


def score(a: MatchRecord, b: MatchRecord) -> Score:
    """Weighs what two records have in common."""
    found: list[Evidence] = []
    _owner(a, b, found)
    if w.OWNER_DIFFERS in found and a.core != b.core and _KEEPS_GOING.isdisjoint(found):
        # Two people of two businesses who share no number: what else they have in common does not matter.
        found.append(w.NAME_DIFFERS)
        return Score(w.OWNER_DIFFERS.stranger - w.PRIOR_STRANGER, tuple(found))
    _business(a, b, found)
    _place(a, b, found)
    _figures(a, b, found)
    stranger, sibling = -w.PRIOR_STRANGER, -w.PRIOR_SIBLING
    for item in found:
        stranger += item.stranger
        sibling += item.sibling
    return Score(min(stranger, sibling), tuple(found))


def _owner(a: MatchRecord, b: MatchRecord, found: list[Evidence]) -> None:
    if a.nik and b.nik:
        found.append(w.NIK_SAME if a.nik == b.nik else w.NIK_DIFFERS)
    elif a.born and b.born:
        found.append(w.BORN_SAME if a.born == b.born else w.BORN_DIFFERS)
    if a.owner and b.owner:
        found.append(w.OWNER_SAME if a.owner == b.owner else _compare_owners(a, b))
    if a.phones and b.phones:
        found.append(w.PHONE_SAME if not set(a.phones).isdisjoint(b.phones) else w.PHONE_DIFFERS)
    if a.nib and b.nib:
        found.append(w.NIB_SAME if a.nib == b.nib else w.NIB_DIFFERS)
    if a.email and a.email == b.email:
        found.append(w.EMAIL_SAME)


def _compare_owners(a: MatchRecord, b: MatchRecord) -> Evidence:
    """Persons are told apart by single letters (Dewi and Heni, Usman and Lukman): one error for the whole name."""
    if sorted(a.owner_words) == sorted(b.owner_words):
        return w.OWNER_NEAR
    # Typing errors spare the first letter; Rina and Lina are two.
    long_enough = min(len(a.owner), len(b.owner)) >= _LETTERS_PER_ERROR
    if long_enough and a.owner[0] == b.owner[0] and _distance(a.owner, b.owner, score_cutoff=1) <= 1:
        return w.OWNER_NEAR
    first, second = set(a.owner_words), set(b.owner_words)
    if first <= second or second <= first:
        return w.OWNER_PART
    return w.OWNER_DIFFERS


def _business(a: MatchRecord, b: MatchRecord, found: list[Evidence]) -> None:
    if a.name and b.name:
        if a.name == b.name:
            found.append(w.NAME_SAME)
        elif a.core == b.core or nearly_same(a.name, b.name):
            found.append(w.NAME_NEAR)
        elif _contains(a.core, b.core):
            found.append(w.NAME_PART)
        else:
            found.append(w.NAME_DIFFERS)
    if a.product and b.product:
        if a.product == b.product:
            found.append(w.PRODUCT_SAME)
        elif nearly_same(a.product, b.product) or _contains(a.product, b.product):
            found.append(w.PRODUCT_NEAR)
        else:
            found.append(w.PRODUCT_DIFFERS)
    elif a.kbli and b.kbli:
        found.append(w.KBLI_SAME if a.kbli == b.kbli else w.KBLI_DIFFERS)


def _place(a: MatchRecord, b: MatchRecord, found: list[Evidence]) -> None:
    if a.village and b.village:
        if a.village == b.village:
            found.append(w.VILLAGE_SAME)
        else:
            found.append(w.VILLAGE_DIFFERS if a.district == b.district else w.DISTRICT_DIFFERS)
    elif a.district and b.district:
        found.append(w.DISTRICT_SAME if a.district == b.district else w.DISTRICT_DIFFERS)
    if a.street and b.street:
        if a.street == b.street:
            found.append(w.STREET_SAME)
        elif nearly_same(a.street, b.street) and _digits(a.street) == _digits(b.street):
            found.append(w.STREET_NEAR)
        else:
            found.append(w.STREET_DIFFERS)
    if a.rt and b.rt and a.rw and b.rw:
        found.append(w.RT_RW_SAME if a.rt == b.rt and a.rw == b.rw else w.RT_RW_DIFFERS)


def _figures(a: MatchRecord, b: MatchRecord, found: list[Evidence]) -> None:
    if a.founded and b.founded:
        found.append(w.FOUNDED_SAME if a.founded == b.founded else w.FOUNDED_DIFFERS)
    if a.capital and b.capital:
        found.append(w.CAPITAL_SAME if a.capital == b.capital else w.CAPITAL_DIFFERS)
    if a.sales and a.sales == b.sales:
        found.append(w.SALES_SAME)
    if a.workers and b.workers:
        found.append(w.WORKERS_SAME if a.workers == b.workers else w.WORKERS_DIFFERS)


def nearly_same(a: str, b: str) -> bool:
    """Whether two folded texts differ by typing errors only: one letter lost, added, swapped or wrong, two if long."""
    shorter = min(len(a), len(b))
    allowed = (shorter >= _LETTERS_PER_ERROR) + (shorter >= _LETTERS_FOR_TWO)
    return allowed > 0 and abs(len(a) - len(b)) <= allowed and _distance(a, b, score_cutoff=allowed) <= allowed


def _contains(a: str, b: str) -> bool:
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    return len(short) >= _LETTERS_PER_ERROR and short in long


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
