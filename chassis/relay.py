"""The relay: reads outboxes and publishes them, one leader per outbox and lane, at least once and in order per aggregate.

`python -m chassis.relay [service ...]` serves the named services' outboxes, or every service's, each lane in a thread.
Rows are read and marked in statements of their own; no transaction is open while the broker is waited for.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text
from sqlalchemy.exc import SQLAlchemyError

from chassis import log, process
from chassis.broker.publisher import BrokerAwayError, Message, Publisher, RefusedError
from chassis.broker.topology import BULK, EXPRESS, LANES, Lane
from chassis.collector import keep_for_good
from chassis.database import Database
from chassis.health import Check, Health
from chassis.metrics import CONFIRM_SECONDS, LEADS, OLDEST_UNSENT, PARKED_AGGREGATES, PUBLISHED
from chassis.services import service_names
from chassis.settings import Settings
from chassis.unsent import Unsent, oldest_unsent, parked_aggregates

logger = log.logger(__name__)

#: Seconds between looks at an empty outbox, within a second of the last event.
BUSY = 0.005
#: Seconds to wait after a failure, doubled each time up to the second figure.
BACKOFF = (0.2, 2.0)
#: Seconds between two settings of the gauges.
OBSERVED_EVERY = 2.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How a lane is published; `lock` is the number of its leader's advisory lock.

    `window` is its share of the setting's window, `rest` how long it rests after one, as a multiple of the time that it took,
    and `idle` the seconds between looks at an outbox that has long been empty.
    """

    lock: int
    window: float
    rest: float
    idle: float


#: What jobs publish by the thousand leaves half of broker, database and consumers to what somebody waits for.
PACES = {
    EXPRESS: Pace(lock=7_034_002, window=1.0, rest=0.0, idle=0.05),
    BULK: Pace(lock=7_034_003, window=0.3, rest=1.0, idle=0.25),
}


class Relay:
    """Publishes one lane of one service's outbox while it holds that lane's leader lock; otherwise it stands by."""

    def __init__(self, settings: Settings, service: str, lane: Lane, stopping: threading.Event) -> None:
        self.service = service
        self.lane = lane
        self.name = f"{service} {lane.name}"
        self._pace = PACES[lane]
        self._window = max(1, int(settings.relay_window * self._pace.window))
        self._stopping = stopping
        self._database = Database(settings, service, pool_size=1, statement_timeout=30)
        self._publisher = Publisher(settings.amqp_url, f"relay {self.name}", timeout=settings.confirm_timeout)
        self._observe_at = self._busy_until = 0.0
        self._delay = BACKOFF[0]

    def is_ready(self) -> bool:
        """Whether the database answers; standing by is as ready as leading."""
        return self._database.is_ready()

    def run(self) -> None:
        """Publish until told to stop, through whatever goes away or goes wrong meanwhile."""
        while not self._stopping.is_set():
            try:
                with self._database.engine.connect() as pooled:
                    connection = pooled.execution_options(isolation_level="AUTOCOMMIT")
                    # the leader lock ends with this connection, so it must not live on in the pool
                    connection.detach()
                    self._lead(connection)
            except (SQLAlchemyError, BrokerAwayError) as error:
                # some of the broker library's errors have no text at all
                reason = (str(error).splitlines() or [type(error).__name__])[0]
                logger.warning(
                    "relay waits", service=self.service, lane=self.lane.name, error=reason, seconds=self._delay
                )
                self._wait()
            except Exception:  # nobody else would publish this outbox
                logger.exception("relay failed", service=self.service, lane=self.lane.name, seconds=self._delay)
                self._publisher.close()
                self._wait()
            finally:
                LEADS.labels(self.service, self.lane.name).set(0)
        self._publisher.close()
        self._database.close()

    def _wait(self) -> None:
        self._stopping.wait(self._delay)
        self._delay = min(self._delay * 2, BACKOFF[1])

    def _lead(self, connection: Connection) -> None:
        """Take the lock, which ends with this connection, and publish as long as all goes well."""
        while not self._stopping.is_set():
            self._observe(connection)
            if connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": self._pace.lock}).scalar():
                LEADS.labels(self.service, self.lane.name).set(1)
                break
            self._stopping.wait(1.0)
        # before the first event, so that what is wrong with the broker is told at once
        self._publisher.open()
        unsent = Unsent(connection, self.lane)
        while not self._stopping.is_set():
            began = time.monotonic()
            published = self.step(unsent)
            self._observe(connection)
            now = time.monotonic()
            if published:
                self._delay = BACKOFF[0]
                self._busy_until = now + 1
                self._publisher.idle(self._pace.rest * (now - began))
            else:
                self._publisher.idle(BUSY if now < self._busy_until else self._pace.idle)

    def step(self, unsent: Unsent) -> int:
        """Publish a window and mark what was confirmed, also where the broker goes away in the middle; returns how many."""
        confirmed: set[int] = set()
        held: set[str] = set()
        try:
            for wave in waves(unsent.read(self._window)):
                ready = [row for row in wave if row.subject not in held]
                confirmed |= self._publish_wave(unsent, ready)
                held |= {row.subject for row in ready if row.position not in confirmed}
        finally:
            if confirmed:
                unsent.mark_sent(sorted(confirmed))
                PUBLISHED.labels(self.service, self.lane.name).inc(len(confirmed))
        return len(confirmed)

    def _publish_wave(self, unsent: Unsent, rows: Sequence[Row[Any]]) -> set[int]:
        try:
            return self._publish(rows)
        except RefusedError:
            return self._publish_one_by_one(unsent, rows)

    def _publish(self, rows: Sequence[Row[Any]]) -> set[int]:
        """Publish and wait for the confirms; returns the positions of what the broker has taken."""
        exchange = self.lane.exchange
        messages = [Message(str(row.event_id), row.routing_key, bytes(row.body), exchange) for row in rows]
        with CONFIRM_SECONDS.labels(self.service, self.lane.name).time():
            return {rows[index].position for index in self._publisher.publish(messages)}

    def _publish_one_by_one(self, unsent: Unsent, rows: Sequence[Row[Any]]) -> set[int]:
        """Find the row that the broker won't take, and park it; those behind it come with the next window."""
        confirmed: set[int] = set()
        for row in rows:
            try:
                confirmed |= self._publish([row])
            except RefusedError as error:
                logger.error(  # noqa: TRY400 - the reason says it all; the trace is always this one
                    "event parked", service=self.service, event_id=str(row.event_id), error=str(error)
                )
                unsent.park(row.position, str(error))
                break
        return confirmed

    def _observe(self, connection: Connection) -> None:
        # also while standing by: the outbox is the same whoever looks
        if time.monotonic() < self._observe_at:
            return
        self._observe_at = time.monotonic() + OBSERVED_EVERY
        OLDEST_UNSENT.labels(self.service, self.lane.name).set(oldest_unsent(connection, self.lane))
        PARKED_AGGREGATES.labels(self.service, self.lane.name).set(parked_aggregates(connection, self.lane))


def waves(rows: Sequence[Row[Any]]) -> list[list[Row[Any]]]:
    """Rows in groups that may be under way at once: one event of each aggregate, the first ones first.

    Were two of an aggregate under way, the broker could refuse the first for the moment and take the second.
    """
    found: list[list[Row[Any]]] = []
    seen: dict[str, int] = {}
    for row in rows:
        number = seen[row.subject] = seen.get(row.subject, -1) + 1
        if number == len(found):
            found.append([])
        found[number].append(row)
    return found


def main(services: Sequence[str]) -> None:
    """Run the relays of `services` (all by default) until SIGTERM or SIGINT."""
    settings = Settings.from_environment()
    log.configure("relay", settings.log_level)
    stopping = process.stop_on_signals()
    relays = [Relay(settings, name, lane, stopping) for name in services or service_names() for lane in LANES]
    threads = [threading.Thread(target=relay.run, name=f"relay {relay.name}") for relay in relays]
    checks: dict[str, Check] = {relay.name: relay.is_ready for relay in relays}
    health = Health(settings, checks | {thread.name: thread.is_alive for thread in threads})
    health.start()
    keep_for_good()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    health.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
