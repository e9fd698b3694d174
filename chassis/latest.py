"""Of each aggregate the newest event only: for subscriptions that keep a copy of what the last event said.

`plut.latest` has the version of the last event that a subscription took of each aggregate. Taking one locks that row until the
commit, so of two consumers that have neighbours of one aggregate at the same time the second waits, and then knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger, Text

from chassis.unit_of_work import UnitOfWork
from contracts.events import Envelope

# An equal version is the same event: whether that is a repeat is for the inbox to say, and a retry or a replay is none.
_TAKE = text(
    "INSERT INTO plut.latest (subscription, subject, sequence)"
    " SELECT :subscription, subject, sequence FROM unnest(:subjects, :sequences) AS newest (subject, sequence)"
    " ON CONFLICT (subscription, subject) DO UPDATE SET sequence = excluded.sequence"
    " WHERE latest.sequence <= excluded.sequence RETURNING subject"
).bindparams(bindparam("subjects", type_=ARRAY(Text)), bindparam("sequences", type_=ARRAY(BigInteger)))


def newest(uow: UnitOfWork, subscription: str, envelopes: Sequence[Envelope[Any]]) -> list[Envelope[Any]]:
    """Those of `envelopes` that no newer one of their aggregate has come before or with, in the order that they came."""
    last: dict[str, Envelope[Any]] = {}
    for envelope in envelopes:
        known = last.get(envelope.subject)
        if known is None or known.sequence <= envelope.sequence:
            last[envelope.subject] = envelope
    if not last:
        return []
    # in one order for everybody, so that two consumers can't wait for each other
    subjects = sorted(last)
    values = {"subjects": subjects, "sequences": [last[subject].version for subject in subjects]}
    taken = set(uow.session.execute(_TAKE, {"subscription": subscription, **values}).scalars())
    return [envelope for envelope in envelopes if envelope is last[envelope.subject] and envelope.subject in taken]
