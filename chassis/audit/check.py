"""Whether what is on record is what was written: every chain is read from its beginning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text

from chassis.audit.keys import AuditKeys
from chassis.tables import audit as table
from chassis.unit_of_work import UnitOfWork

_FETCH: Final = 5_000
_HEADS = text("SELECT chain, sequence, hash FROM plut.audit_chain ORDER BY chain")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that isn't as it was written; `row` where one row shows it."""

    chain: int
    sequence: int
    row: UUID | None
    what: str

    def __str__(self) -> str:
        return f"chain {self.chain}, row {self.sequence}{f' ({self.row})' if self.row else ''}: {self.what}"


@dataclass(frozen=True, slots=True)
class Anchor:
    """How far a chain had come at some time, as it was kept elsewhere."""

    chain: int
    sequence: int
    hash: str


def find_faults(uow: UnitOfWork, keys: AuditKeys, anchors: Iterable[Anchor] = ()) -> Iterator[Fault]:
    """Read every chain in a transaction of the nation's scope that sees one state of the database; one fault per break.

    A row that was changed is found by its hash, one that is missing by the gap, an end that was cut off by the chain's head
    and, where the head was turned back, too, by an anchor from before.
    """
    heads = {head.chain: head for head in uow.session.execute(_HEADS)}
    expected = {(each.chain, each.sequence): each.hash for each in anchors}
    ends: dict[int, tuple[int, bytes]] = dict.fromkeys(heads, (0, b""))
    rows = uow.session.execute(
        select(table).order_by(table.c.chain, table.c.sequence),
        execution_options={"yield_per": _FETCH},
    ).mappings()
    for row in rows:
        before, previous = ends.get(row["chain"], (0, b""))
        if row["sequence"] != before + 1:
            gap = f"{row['sequence'] - before - 1} rows before it are missing"
            yield Fault(row["chain"], row["sequence"], row["id"], gap)
        elif not keys.fits(previous, dict(row), bytes(row["hash"])):
            yield Fault(row["chain"], row["sequence"], row["id"], "it was changed, or put here")
        wanted = expected.pop((row["chain"], row["sequence"]), None)
        if wanted is not None and wanted != bytes(row["hash"]).hex():
            yield Fault(row["chain"], row["sequence"], row["id"], "it is not the one that an anchor has kept")
        ends[row["chain"]] = (row["sequence"], bytes(row["hash"]))
    yield from _at_the_ends(heads, ends, expected)


def _at_the_ends(
    heads: dict[int, Any], ends: dict[int, tuple[int, bytes]], expected: dict[tuple[int, int], str]
) -> Iterator[Fault]:
    for chain, (sequence, found) in sorted(ends.items()):
        head = heads.get(chain)
        if head is None:
            yield Fault(chain, sequence, None, "the chain's head is gone")
        elif head.sequence != sequence:
            yield Fault(chain, sequence, None, f"the chain ends here, and had {head.sequence} rows")
        elif bytes(head.hash) != found:
            yield Fault(chain, sequence, None, "the chain's head is another row's")
    for chain, sequence in sorted(expected):
        yield Fault(chain, sequence, None, "an anchor has kept it, and it is gone")
