"""Failed events after they failed: tried again by schedule. What operators do with them is `chassis.operations.failed`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, text

from chassis.consume import Consumer
from chassis.database import Database
from chassis.database_errors import is_away
from chassis.failures import describe, next_step
from chassis.log import logger
from chassis.metrics import EVENTS, FAILED
from chassis.subscriptions import Subscription
from chassis.tables import failed_event as table
from chassis.unit_of_work import UnitOfWork, utc_now
from contracts.access import SYSTEM
from contracts.events import decode

log = logger(__name__)

#: Seconds after which an attempt that died with its process is taken up again.
LEASE = 60

_CLAIM = text(
    "UPDATE plut.failed_event SET attempts = attempts + 1, next_attempt_at = :lease_until WHERE id ="
    " (SELECT id FROM plut.failed_event"
    " WHERE state = 'waiting' AND next_attempt_at <= :now AND subscription = ANY(:names)"
    " ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED)"
    " RETURNING id, subscription, body, attempts"
)


class _SupersededError(Exception):
    """Somebody else has this failed event by now: nothing of this attempt may be committed."""


class Retries:
    """Tries one service's failed events again when they are due, until it is asked to stop."""

    def __init__(
        self,
        database: Database,
        subscriptions: list[Subscription],
        *,
        clock: Callable[[], datetime] = utc_now,
        stopping: threading.Event | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._stopping = stopping or threading.Event()
        self._consumers = {each.name: Consumer(database, each, clock=clock) for each in subscriptions}
        self._observed = set(self._consumers)

    def run_due(self) -> int:
        """Try everything that is due once; returns how many were tried. What is left at a stop is due at the next start."""
        tried = 0
        while self._consumers and not self._stopping.is_set() and self._run_one():
            tried += 1
        return tried

    def _run_one(self) -> bool:
        # the attempt is counted before it is made, so that an event that kills its process dies with its last attempt
        with UnitOfWork(self._database, SYSTEM, clock=self._clock) as uow:
            lease_until = uow.now.timestamp() + LEASE
            claimed = uow.session.execute(
                _CLAIM,
                {
                    "now": uow.now,
                    "lease_until": datetime.fromtimestamp(lease_until, tz=uow.now.tzinfo),
                    "names": list(self._consumers),
                },
            ).one_or_none()
        if claimed is None:
            return False
        consumer = self._consumers[claimed.subscription]
        try:
            with UnitOfWork(self._database, SYSTEM, clock=self._clock) as uow:
                consumer.run(uow, [decode(bytes(claimed.body))])
                # a slow attempt may have been taken up by another worker, or given up by an operator
                if not uow.session.execute(table.delete().where(self._mine(claimed)).returning(table.c.id)).scalar():
                    raise _SupersededError  # noqa: TRY301 - rolled back here, told below
        except _SupersededError:
            log.warning("retry came too late", subscription=claimed.subscription, attempts=claimed.attempts)
        except Exception as error:
            if is_away(error):
                raise
            self._failed_again(claimed, error)
        else:
            EVENTS.labels(claimed.subscription, "retried").inc()
        return True

    @staticmethod
    def _mine(claimed: Any) -> ColumnElement[bool]:
        return and_(table.c.id == claimed.id, table.c.attempts == claimed.attempts, table.c.state == "waiting")

    def _failed_again(self, claimed: Any, error: Exception) -> None:
        with UnitOfWork(self._database, SYSTEM, clock=self._clock) as uow:
            state, next_attempt_at = next_step(error, claimed.attempts, uow.now)
            uow.session.execute(
                table.update()
                .where(self._mine(claimed))
                .values(state=state, next_attempt_at=next_attempt_at, error=describe(error))
            )
        log.warning("retry failed", subscription=claimed.subscription, attempts=claimed.attempts, state=state)

    def observe(self) -> None:
        """Set the gauges of failed events: of the service's subscriptions, and of others that still have some."""
        query = select(table.c.subscription, table.c.state, func.count()).group_by(table.c.subscription, table.c.state)
        with UnitOfWork(self._database, SYSTEM, clock=self._clock) as uow:
            counts = {(subscription, state): count for subscription, state, count in uow.session.execute(query)}
        self._observed.update(subscription for subscription, _ in counts)
        for subscription in self._observed:
            for state in ("waiting", "dead", "dropped"):
                labels = FAILED.labels(self._database.service, subscription, state)
                labels.set(counts.get((subscription, state), 0))
