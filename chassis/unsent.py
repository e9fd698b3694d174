"""What the relay reads of an outbox and marks in it: rows that are unsent, lane by lane, in the order of their aggregates.

The cursor is "rows without a mark", never a number: numbers are given out before the commit, so a cursor on numbers
skips the rows of a slow transaction. One on marks skips nothing, but has a price while somebody holds an old snapshot (a
backup, a long report): rows that have been marked since stay in the index, dead, and every read walks over them again. With
200,000 of them a read takes 150 ms. So most reads begin above what was sent `SETTLED` seconds ago, and only a sweep, every
`SWEEP` seconds or less often where it is slow, looks at everything: it finds what slow transactions have left below.

A row waits while an earlier one of its aggregate is unsent and won't be in the same window: it is parked, or in the other
lane, or below where this read begins. Measured with 1,000,000 sent rows and 130,000 unsent in bulk: reading 40 rows of the
express lane takes 0.3 ms, 500 of the bulk lane 3 to 4 ms.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger

from chassis.broker.topology import LANES, Lane

#: Seconds after which a sent row is taken to have no neighbours below it that are still to be committed.
SETTLED = 5.0
#: Seconds between sweeps; after a slow one this many times its own duration, but no more than the last figure: a sweep may
#: have been slow because the database was paused, and what it left below must not wait ten times as long again.
SWEEP, SWEEP_FACTOR, LONGEST_PAUSE = 1.0, 10.0, 10.0

# Without statistics (a table that has just grown by an import), or with those of an hour ago, the planner would read and sort
# a whole lane for its first rows, 0.8 s where an index walk takes 4 ms. There is no case in which anything but index walks is
# right here, and with nothing left to choose one plan is as good as a new one for each read, which would cost 0.6 ms.
# A mark that a power cut takes back costs a repeat, which inboxes drop: nobody waits for the disk.
_SESSION = text(
    "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off;"
    " SET enable_hashjoin = off; SET enable_mergejoin = off; SET plan_cache_mode = force_generic_plan;"
    " SET synchronous_commit = off"
)
# A row's neighbours have to be found by its subject, one row at a time. The planner, which takes the unsent to be few, would
# rather walk all of them for each row, 70 ms during an import. `OFFSET 0` keeps it from making joins of these questions, the
# comparison of lanes with the row's own, and `+ 0`, from taking an index by lane or by position.
_READ = (
    "SELECT row.position, row.event_id, row.subject, row.routing_key, row.body FROM plut.outbox AS row"
    " WHERE {mine} AND row.sent_at IS NULL AND row.parked_at IS NULL AND row.position > :floor"
    " AND NOT EXISTS (SELECT FROM plut.outbox AS parked WHERE parked.subject = row.subject AND parked.sent_at IS NULL"
    " AND parked.parked_at IS NOT NULL AND parked.position + 0 < row.position OFFSET 0)"
    " AND NOT EXISTS (SELECT FROM plut.outbox AS earlier WHERE earlier.subject = row.subject AND earlier.sent_at IS NULL"
    " AND earlier.bulk = (NOT row.bulk) AND earlier.position + 0 < row.position OFFSET 0)"
    " AND NOT EXISTS (SELECT FROM plut.outbox AS below WHERE below.subject = row.subject AND below.sent_at IS NULL"
    " AND below.bulk = row.bulk AND below.position + 0 <= :floor OFFSET 0)"
    " ORDER BY row.position LIMIT :limit"
)
_MARK_SENT = text("UPDATE plut.outbox SET sent_at = now() WHERE position = ANY(:positions)").bindparams(
    bindparam("positions", type_=ARRAY(BigInteger))
)
_PARK = text("UPDATE plut.outbox SET parked_at = now(), error = :error WHERE position = :position")
_OLDEST = (
    "SELECT coalesce(extract(epoch FROM now() - (SELECT created_at FROM plut.outbox"
    " WHERE {mine} AND sent_at IS NULL AND parked_at IS NULL ORDER BY position LIMIT 1)), 0)::float"
)
_PARKED = "SELECT count(DISTINCT subject) FROM plut.outbox WHERE {mine} AND parked_at IS NOT NULL AND sent_at IS NULL"


class Unsent:
    """One lane of one outbox, over a connection that commits by itself; each leader begins with a sweep."""

    def __init__(self, connection: Connection, lane: Lane, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._connection = connection
        self._clock = clock
        self._statement = _STATEMENTS[lane]
        self._sweep_at = 0.0
        self._sent: deque[tuple[float, int]] = deque()
        self._floor = 0
        self._ceiling: int | None = None
        connection.execute(_SESSION)

    def read(self, limit: int) -> Sequence[Row[Any]]:
        """Up to `limit` rows that may be published now, in order: `position, event_id, subject, routing_key, body`."""
        now = self._clock()
        sweeps = now >= self._sweep_at
        rows = self._connection.execute(
            self._statement, {"floor": 0 if sweeps else self._begin(now), "limit": limit}
        ).all()
        if sweeps:
            ended = self._clock()
            self._sweep_at = ended + min(max(SWEEP, SWEEP_FACTOR * (ended - now)), LONGEST_PAUSE)
            # more than a window has been left below, perhaps by a slow transaction: until the next sweep reads begin there
            self._ceiling = rows[0].position - 1 if len(rows) == limit else None
        return rows

    def mark_sent(self, positions: Sequence[int]) -> None:
        """The broker has these rows."""
        self._connection.execute(_MARK_SENT, {"positions": positions})
        self._sent.append((self._clock(), max(positions)))

    def park(self, position: int, error: str) -> None:
        """The broker will never take this row: its aggregate waits until somebody decides."""
        self._connection.execute(_PARK, {"position": position, "error": error})

    def _begin(self, now: float) -> int:
        """Where a read begins: above the highest position that was sent at least `SETTLED` seconds ago."""
        while self._sent and self._sent[0][0] < now - SETTLED:
            self._floor = max(self._floor, self._sent.popleft()[1])
        return self._floor if self._ceiling is None else min(self._floor, self._ceiling)


def oldest_unsent(connection: Connection, lane: Lane) -> float:
    """Age in seconds of the oldest row of a lane that waits for nothing but the relay; 0 where there is none."""
    return float(connection.execute(_AGES[lane]).scalar_one())


def parked_aggregates(connection: Connection, lane: Lane) -> int:
    """How many aggregates wait because the broker refused one of their events of this lane for good."""
    return int(connection.execute(_PARKED_COUNTS[lane]).scalar_one())


def _mine(lane: Lane, prefix: str = "") -> str:
    return f"{prefix}bulk" if lane.bulk else f"NOT {prefix}bulk"


_STATEMENTS = {lane: text(_READ.format(mine=_mine(lane, "row."))) for lane in LANES}
_AGES = {lane: text(_OLDEST.format(mine=_mine(lane))) for lane in LANES}
_PARKED_COUNTS = {lane: text(_PARKED.format(mine=_mine(lane))) for lane in LANES}
