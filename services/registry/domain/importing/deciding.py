"""Decides for each row whether its business is new, known, perhaps known, or unusable."""

from collections.abc import Callable, Hashable, Iterator
from typing import Generic, Literal, TypeVar

import msgspec

from services.registry.domain.importing.plan import ImportPlan, ReadRow
from services.registry.domain.importing.records import ImportedEnterprise, comparable
from services.registry.domain.matching import MatchIndex, Score
from services.registry.domain.problems import CellProblem

Ref = TypeVar("Ref", bound=Hashable)
Outcome = Literal["new", "same", "review", "broken"]


class DecidedRow(msgspec.Struct, Generic[Ref], frozen=True, gc=False):
    """One data row and what becomes of it.

    new: `enterprise` is the reference for a record to create. same: it is the known record's. review: it is for a
    record to create, and `candidate` is the known one that a person should compare it with. broken: both are `None`.
    """

    sheet: str
    row: int
    outcome: Outcome
    enterprise: Ref | None
    candidate: Ref | None
    record: ImportedEnterprise | None
    nik_hash: bytes | None
    score: Score | None
    problems: tuple[CellProblem, ...]

    def reasons_id(self) -> tuple[str, ...]:
        """Why, in Indonesian: what speaks for and against the match, or what is wrong with the cells."""
        if self.score is not None:
            return self.score.reasons_id()
        return tuple(f"{problem.column}: {problem.message_id}" for problem in self.problems)

    def reasons_en(self) -> tuple[str, ...]:
        """The same in English."""
        if self.score is not None:
            return self.score.reasons_en()
        return tuple(f"{problem.column}: {problem.message_en}" for problem in self.problems)


def decide_rows(
    plan: ImportPlan,
    *,
    index: MatchIndex[Ref],
    hash_nik: Callable[[str], bytes],
    new_ref: Callable[[ReadRow], Ref],
) -> Iterator[DecidedRow[Ref]]:
    """Goes through a plan's rows in order; each row that is not a known business is added to `index`.

    `hash_nik` is the keyed hash under which NIKs are searched. `new_ref` names a record to create; let it depend on
    the row alone (a UUID from job, sheet and row) and a run that is started again names the same records.
    """
    for row in plan.rows():
        record = row.record
        if record is None:
            yield DecidedRow(row.sheet, row.row, "broken", None, None, None, None, None, row.problems)
            continue
        nik_hash = hash_nik(record.nik.digits) if record.nik is not None else None
        ref = new_ref(row)
        match = index.find_or_add(ref, comparable(record, nik_hash))
        if match is None:
            yield DecidedRow(row.sheet, row.row, "new", ref, None, record, nik_hash, None, row.problems)
        elif match.decision == "same":
            yield DecidedRow(row.sheet, row.row, "same", match.ref, None, record, nik_hash, match.score, row.problems)
        else:
            yield DecidedRow(row.sheet, row.row, "review", ref, match.ref, record, nik_hash, match.score, row.problems)
