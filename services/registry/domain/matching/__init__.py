"""Duplicate search: is this row a business that is known already?

`MatchIndex` finds the few records that could be the same (blocking), `score` weighs each pair with reasons that a
person can read, `decide` draws the lines between the same, perhaps the same, and new.
"""

from services.registry.domain.matching.decision import Decision, decide
from services.registry.domain.matching.index import Match, MatchIndex
from services.registry.domain.matching.record import MatchRecord, match_record
from services.registry.domain.matching.scoring import Score, score

__all__ = ["Decision", "Match", "MatchIndex", "MatchRecord", "Score", "decide", "match_record", "score"]
