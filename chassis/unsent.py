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
#: Seconds between sweeps; a slow sweep pauses for this many times its own duration.
SWEEP, SWEEP_FACTOR = 1.0, 10.0

# Without statistics (a table that has just grown by an import) the planner would read and sort a whole lane for its first
# rows, 0.8 s where an index walk takes 4 ms. There is no case in which anything but index walks is right here.
# A plan that was kept from when the table was nearly empty walks the wrong index for each row, up to 20 s during an import.
_ONLY_INDEX_WALKS = text(
    "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off;"
    " SET enable_hashjoin = off; SET enable_mergejoin = off; SET plan_cache_mode = force_custom_plan"
)
_READ = (
    "SELECT row.position, row.event_id, row.subject, row.routing_key, row.body FROM plut.outbox AS row"
    " WHERE {mine} AND row.sent_at IS NULL AND row.parked_at IS NULL AND row.position > :floor"
    " AND NOT EXISTS (SELECT FROM plut.outbox AS parked WHERE parked.subject = row.subject AND parked.sent_at IS NULL"
    " AND parked.parked_at IS NOT NULL AND parked.position < row.position)"
    " AND NOT EXISTS (SELECT FROM plut.outbox AS earlier WHERE earlier.subject = row.subject AND earlier.sent_at IS NULL"
    " AND earlier.bulk = {other} AND earlier.position < row.position)"
    " AND NOT EXISTS (SELECT FROM plut.outbox AS below WHERE below.subject = row.subject AND below.sent_at IS NULL"
    " AND below.bulk = {own} AND below.position <= :floor)"
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
_PARKED = text(
    "SELECT count(DISTINCT subject) FROM plut.outbox WHERE parked_at IS NOT NULL AND sent_at IS NULL",
)


class Unsent:
    """One outbox, over a connection that commits by itself; each leader begins with a sweep."""

    def __init__(self, connection: Connection, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._connection = connection
        self._clock = clock
        self._lanes = {lane: _Place() for lane in LANES}
        connection.execute(_ONLY_INDEX_WALKS)

    def read(self, lane: Lane, limit: int) -> Sequence[Row[Any]]:
        """Up to `limit` rows that may be published now, in order: `position, event_id, subject, routing_key, body`."""
        place, now = self._lanes[lane], self._clock()
        sweeps = now >= place.sweep_at
        rows = self._connection.execute(
            _STATEMENTS[lane], {"floor": 0 if sweeps else place.floor(now), "limit": limit}
        ).all()
        if sweeps:
            ended = self._clock()
            place.sweep_at = ended + max(SWEEP, SWEEP_FACTOR * (ended - now))
            # more than a window has been left below, perhaps by a slow transaction: until the next sweep reads begin there
            place.ceiling = rows[0].position - 1 if len(rows) == limit else None
        return rows

    def mark_sent(self, lane: Lane, positions: Sequence[int]) -> None:
        """The broker has these rows."""
        self._connection.execute(_MARK_SENT, {"positions": positions})
        self._lanes[lane].sent.append((self._clock(), max(positions)))

    def park(self, position: int, error: str) -> None:
        """The broker will never take this row: its aggregate waits until somebody decides."""
        self._connection.execute(_PARK, {"position": position, "error": error})


class _Place:
    """Where the next read of a lane begins: above the highest position that was sent at least `SETTLED` seconds ago."""

    def __init__(self) -> None:
        self.sent: deque[tuple[float, int]] = deque()
        self.sweep_at = 0.0
        self.ceiling: int | None = None
        self._floor = 0

    def floor(self, now: float) -> int:
        while self.sent and self.sent[0][0] < now - SETTLED:
            self._floor = max(self._floor, self.sent.popleft()[1])
        return self._floor if self.ceiling is None else min(self._floor, self.ceiling)


def oldest_unsent(connection: Connection, lane: Lane) -> float:
    """Age in seconds of the oldest row of a lane that waits for nothing but the relay; 0 where there is none."""
    return float(connection.execute(_AGES[lane]).scalar_one())


def parked_aggregates(connection: Connection) -> int:
    """How many aggregates wait because the broker refused one of their events for good."""
    return int(connection.execute(_PARKED).scalar_one())


def _mine(lane: Lane, prefix: str = "") -> str:
    return f"{prefix}bulk" if lane.bulk else f"NOT {prefix}bulk"


_STATEMENTS = {
    lane: text(_READ.format(mine=_mine(lane, "row."), own=str(lane.bulk).lower(), other=str(not lane.bulk).lower()))
    for lane in LANES
}
_AGES = {lane: text(_OLDEST.format(mine=_mine(lane))) for lane in LANES}
