"""Finds the few known records that a new one could be (blocking), and the best of them.

A record is filed under several keys: each is rare in itself or rare together, so that a look-up touches a handful of
records however many there are. A key that turns out to be common (an official's phone on 200 rows) stops being used.
"""

from collections.abc import Hashable
from typing import Final, Generic, TypeVar

import msgspec

from services.registry.domain.matching.decision import Decision, decide
from services.registry.domain.matching.record import MatchRecord
from services.registry.domain.matching.scoring import Score, score

Ref = TypeVar("Ref", bound=Hashable)

MAX_BUCKET: Final = 24
"""Records under one key; a key with more says nothing and is dropped."""
_HALF: Final = 5
"""Letters at either end of a name: an error at one end leaves the other whole."""


class Match(msgspec.Struct, Generic[Ref], frozen=True):
    """The best known record for a new one: its reference, the score, and what to do."""

    ref: Ref
    score: Score
    decision: Decision


class MatchIndex(Generic[Ref]):
    """Known records by blocking keys. `Ref` is the caller's name for a record (an enterprise's id).

    Look-ups and additions take the same time at 5,000 and at 75,000 records. Equal scores go to the earlier record.
    """

    def __init__(self) -> None:
        self._refs: list[Ref] = []
        self._records: list[MatchRecord] = []
        # One record under a key is the usual case and needs no list; an empty tuple marks a dropped key.
        self._buckets: dict[int, int | list[int] | tuple[()]] = {}

    def __len__(self) -> int:
        return len(self._records)

    def add(self, ref: Ref, record: MatchRecord) -> None:
        """Files a record under all of its keys."""
        self._file(ref, record, _keys(record))

    def find(self, record: MatchRecord) -> Match[Ref] | None:
        """The best known record, or `None` where none is worth a person's look."""
        return self._best(record, _keys(record))

    def find_or_add(self, ref: Ref, record: MatchRecord) -> Match[Ref] | None:
        """`find`, and `add` unless the record is the same as a known one: one pass over a file."""
        keys = _keys(record)
        match = self._best(record, keys)
        if match is None or match.decision != "same":
            self._file(ref, record, keys)
        return match

    def _file(self, ref: Ref, record: MatchRecord, keys: list[int]) -> None:
        number = len(self._records)
        self._refs.append(ref)
        self._records.append(record)
        buckets = self._buckets
        for key in keys:
            bucket = buckets.setdefault(key, number)
            if bucket == number:
                continue
            if isinstance(bucket, int):
                buckets[key] = [bucket, number]
            elif bucket and bucket[-1] != number:
                if len(bucket) >= MAX_BUCKET:
                    buckets[key] = ()
                else:
                    bucket.append(number)

    def _best(self, record: MatchRecord, keys: list[int]) -> Match[Ref] | None:
        best: Score | None = None
        best_number = -1
        candidates = self._candidates(keys)
        if not candidates:
            return None
        nik, owner, records = record.nik, record.owner, self._records
        for number in sorted(candidates):
            known = records[number]
            # Different NIKs and different names of the owners: two people, whatever else they share.
            if nik is not None and nik != known.nik is not None and owner != known.owner:
                continue
            found = score(record, known)
            if best is None or found.value > best.value:
                best, best_number = found, number
        if best is None or (decision := decide(best)) == "new":
            return None
        return Match(self._refs[best_number], best, decision)

    def _candidates(self, keys: list[int]) -> set[int]:
        found: set[int] = set()
        for bucket in map(self._buckets.get, keys):
            if bucket is None:
                continue
            if isinstance(bucket, int):
                found.add(bucket)
            else:
                found.update(bucket)
        return found


def _keys(record: MatchRecord) -> list[int]:
    """The blocking keys, as hashes: a collision costs one needless comparison and nothing else."""
    keys: list[Hashable] = list(record.phones)
    if record.nik is not None:
        keys.append(record.nik)
    if record.nib is not None:
        keys.append(record.nib)
    if record.email:
        keys.append(record.email)
    owner, core, place = record.owner, record.core, record.village or record.district
    if owner:
        keys.append((record.district, owner))
    if core and record.village:
        keys.append((place, core))
    if owner and core:
        head, tail, first, last = owner[:_HALF], owner[-_HALF:], core[:_HALF], core[-_HALF:]
        keys += (
            (owner, core),
            (place, head, first),
            (place, head, 1, last),
            (place, tail, 2, first),
            (place, tail, 3, last),
        )
    return list(map(hash, keys))
