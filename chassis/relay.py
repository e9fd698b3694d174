"""The relay: reads outboxes and publishes them, one leader per outbox, at least once and in order per aggregate.

`python -m chassis.relay [service ...]` serves the named services' outboxes, or every service's, each in a thread.
Rows are read and marked in short transactions; none is open while the broker is waited for.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import BigInteger

from chassis import log, process
from chassis.broker.publisher import BrokerAwayError, Message, Publisher, RefusedError
from chassis.database import Database
from chassis.health import Check, Health
from chassis.metrics import CONFIRM_SECONDS, OLDEST_UNSENT, PARKED, PUBLISHED
from chassis.services import service_names
from chassis.settings import Settings

logger = log.logger(__name__)

#: Seconds between looks at an empty outbox.
IDLE = 0.05
#: Seconds to wait after a failure, doubled each time up to the second figure.
BACKOFF = (0.2, 5.0)
_LEADER_LOCK = 7_034_002

_READ = text(
    "SELECT position, event_id, routing_key, body FROM plut.outbox"
    " WHERE sent_at IS NULL AND parked_at IS NULL"
    # the aggregate of a row that the broker refused waits; no other does
    " AND subject NOT IN (SELECT subject FROM plut.outbox WHERE parked_at IS NOT NULL AND sent_at IS NULL)"
    " ORDER BY position LIMIT :window"
)
_MARK_SENT = text("UPDATE plut.outbox SET sent_at = now() WHERE position = ANY(:positions)").bindparams(
    bindparam("positions", type_=ARRAY(BigInteger))
)
_PARK = text("UPDATE plut.outbox SET parked_at = now(), error = :error WHERE position = :position")
_LAG = text(
    "SELECT coalesce(extract(epoch FROM now() - min(created_at) FILTER (WHERE parked_at IS NULL)), 0)::float,"
    " count(*) FILTER (WHERE parked_at IS NOT NULL) FROM plut.outbox WHERE sent_at IS NULL"
)


class Relay:
    """Publishes one service's outbox while it holds that outbox's leader lock; otherwise it stands by."""

    def __init__(self, settings: Settings, service: str, stopping: threading.Event) -> None:
        self.service = service
        self.leads = False
        self._window = settings.relay_window
        self._stopping = stopping
        self._database = Database(settings, service, pool_size=1, statement_timeout=30)
        self._publisher = Publisher(settings.amqp_url, f"relay {service}", timeout=settings.confirm_timeout)
        self._looks = 0

    def run(self) -> None:
        """Publish until told to stop, through whatever goes away meanwhile."""
        delay = BACKOFF[0]
        while not self._stopping.is_set():
            try:
                with self._database.engine.connect() as connection:
                    self._lead(connection)
                delay = BACKOFF[0]
            except (SQLAlchemyError, BrokerAwayError) as error:
                logger.warning("relay waits", service=self.service, error=str(error).splitlines()[0], seconds=delay)
                self._stopping.wait(delay)
                delay = min(delay * 2, BACKOFF[1])
            finally:
                self.leads = False
        self._publisher.close()
        self._database.close()

    def _lead(self, connection: Connection) -> None:
        """Take the lock, which ends with this connection, and publish as long as all goes well."""
        while not self._stopping.is_set():
            self.leads = bool(
                connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LEADER_LOCK}).scalar()
            )
            connection.commit()
            if self.leads:
                break
            self._stopping.wait(1.0)
        while not self._stopping.is_set():
            published = self.step(connection)
            self._observe(connection)
            if not published:
                self._publisher.idle(IDLE)

    def step(self, connection: Connection) -> int:
        """Publish one window; returns how many events the broker confirmed."""
        rows = connection.execute(_READ, {"window": self._window}).all()
        connection.commit()
        if not rows:
            return 0
        try:
            positions = self._publish(rows)
        except RefusedError:
            positions = self._publish_one_by_one(connection, rows)
        if positions:
            connection.execute(_MARK_SENT, {"positions": positions})
            connection.commit()
            PUBLISHED.labels(self.service).inc(len(positions))
        return len(positions)

    def _publish(self, rows: Sequence[Any]) -> list[int]:
        messages = [Message(str(row.event_id), row.routing_key, bytes(row.body)) for row in rows]
        with CONFIRM_SECONDS.labels(self.service).time():
            return [rows[index].position for index in self._publisher.publish(messages)]

    def _publish_one_by_one(self, connection: Connection, rows: Sequence[Any]) -> list[int]:
        """Find the row that the broker won't take, and park it; those before it are sent."""
        sent: list[int] = []
        for row in rows:
            try:
                sent.extend(self._publish([row]))
            except RefusedError as error:
                logger.error(  # noqa: TRY400 - the reason says it all; the trace is always this one
                    "event parked", service=self.service, event_id=str(row.event_id), error=str(error)
                )
                connection.execute(_PARK, {"position": row.position, "error": str(error)})
                connection.commit()
                break
        return sent

    def _observe(self, connection: Connection) -> None:
        self._looks += 1
        if self._looks % 20 != 1:
            return
        age, parked = connection.execute(_LAG).one()
        connection.commit()
        OLDEST_UNSENT.labels(self.service).set(age)
        PARKED.labels(self.service).set(parked)


def main(services: Sequence[str]) -> None:
    """Run the relays of `services` (all by default) until SIGTERM or SIGINT."""
    settings = Settings.from_environment()
    log.configure("relay", settings.log_level)
    stopping = process.stop_on_signals()
    relays = [Relay(settings, service, stopping) for service in services or service_names()]
    # standing by is as ready as leading
    checks: dict[str, Check] = {relay.service: relay._database.is_ready for relay in relays}  # noqa: SLF001
    health = Health(settings, checks)
    health.start()
    threads = [threading.Thread(target=relay.run, name=f"relay-{relay.service}") for relay in relays]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    health.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
