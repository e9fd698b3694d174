"""Where the lines are drawn between the same, perhaps the same, and new."""

from typing import Final, Literal

from services.registry.domain.matching.scoring import Score

Decision = Literal["same", "review", "new"]

SAME_BITS: Final = 5.0
"""From here on (32 to 1) a pair is called the same without asking a person."""
REVIEW_BITS: Final = 1.0
"""From here on (2 to 1) a person is asked."""

_NEVER_SILENT: Final = frozenset(("owner_differs", "nik_differs", "name_differs", "nib_differs", "product_differs"))
"""Observations against which no amount of other evidence makes a pair the same without a person's word."""


def decide(score: Score) -> Decision:
    """What to do with a pair of this score."""
    if score.value < REVIEW_BITS:
        return "new"
    if score.value >= SAME_BITS and not any(item.code in _NEVER_SILENT for item in score.evidence):
        return "same"
    return "review"
