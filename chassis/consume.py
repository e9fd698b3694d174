"""From message bodies to committed effects: the inbox, savepoints, failed events.

A batch is one transaction. It is tried whole, which costs nothing extra; when a handler raises, it is rolled back and
taken again one event at a time, each in a savepoint, so that the one that fails harms no neighbour.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from chassis.database import Database
from chassis.database_errors import is_away, is_clash
from chassis.failures import Incoming, describe, record_failure, summary
from chassis.latest import newest
from chassis.log import logger
from chassis.metrics import EVENTS, REPEATS
from chassis.subscriptions import RETRY_SCHEDULE, Subscription
from chassis.unit_of_work import UnitOfWork, utc_now
from contracts.access import SYSTEM
from contracts.events import Envelope

log = logger(__name__)

#: How often a batch is taken anew that lost against another consumer's.
_CLASHES = 3

# in the driver's own words, and the ids as one text: arrays are put together in Python, which costs more than the INSERT
_TAKE_IN = (
    "INSERT INTO plut.inbox (event_id, subscription, received_at)"
    " SELECT unnest(%s::uuid[]), %s, %s ON CONFLICT DO NOTHING RETURNING event_id"
)


class Consumer:
    """Takes batches of one subscription into one service's database; what `bulk` ones lead to goes on in that lane."""

    def __init__(
        self,
        database: Database,
        subscription: Subscription,
        *,
        bulk: bool = False,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.subscription = subscription
        self._database = database
        self._bulk = bulk
        self._clock = clock

    def take(self, bodies: Sequence[bytes], *, replay: str = "") -> None:
        """Have every body's effect committed once, or its failure recorded; once more in each `replay`, by its id.

        When this returns, all may be acknowledged. Raises SQLAlchemyError only when the database is away: then nothing
        is committed and nothing may be acknowledged.
        """
        expected = self.subscription.event_type
        incoming = [Incoming.read(body, expected) for body in bodies]
        inbox = inbox_key(self.subscription.inbox, replay)
        for _ in range(_CLASHES):
            try:
                self._take_whole(incoming, inbox)
            except Exception as error:
                if is_away(error):
                    raise
                if not is_clash(error):
                    break
            else:
                return
        self._take_one_by_one(incoming, inbox)

    def run(self, uow: UnitOfWork, envelopes: Sequence[Envelope[Any]]) -> int:
        """Run the handler on events that are new; returns how many it was given: all, or the newest of each aggregate."""
        handler = self.subscription.handler
        if self.subscription.latest_only:
            envelopes = newest(uow, self.subscription.inbox, envelopes)
        if self.subscription.bulk:
            if envelopes:
                handler(uow, list(envelopes))
        else:
            for envelope in envelopes:
                uow.caused_by(envelope)
                handler(uow, envelope)
        return len(envelopes)

    def _unit_of_work(self) -> UnitOfWork:
        return UnitOfWork(self._database, SYSTEM, clock=self._clock, bulk=self._bulk)

    def _take_whole(self, incoming: Sequence[Incoming], inbox: str) -> None:
        readable = [each.envelope for each in incoming if each.envelope]
        with self._unit_of_work() as uow:
            for each in incoming:
                if each.envelope is None:
                    record_failure(uow, self.subscription.name, each, each.error, attempts=len(RETRY_SCHEDULE) + 1)
            new = take_in(uow, inbox, readable)
            handled = self.run(uow, new)
        EVENTS.labels(self.subscription.name, "done").inc(handled)
        EVENTS.labels(self.subscription.name, "outdated").inc(len(new) - handled)
        EVENTS.labels(self.subscription.name, "failed").inc(len(incoming) - len(readable))
        REPEATS.labels(self.subscription.name).inc(len(readable) - len(new))

    def _take_one_by_one(self, incoming: Sequence[Incoming], inbox: str) -> None:
        with self._unit_of_work() as uow:
            outcomes = [self._take_one(uow, each, inbox) for each in incoming]
        for outcome in outcomes:
            if outcome == "repeated":
                REPEATS.labels(self.subscription.name).inc()
            else:
                EVENTS.labels(self.subscription.name, outcome).inc()

    def _take_one(self, uow: UnitOfWork, each: Incoming, inbox: str) -> str:
        if each.envelope is None:
            record_failure(uow, self.subscription.name, each, each.error, attempts=len(RETRY_SCHEDULE) + 1)
            return "failed"
        try:
            with uow.session.begin_nested():
                new = take_in(uow, inbox, [each.envelope])
                handled = self.run(uow, new)
                uow.flush()
        except Exception as error:
            uow.discard()
            if is_away(error):
                raise
            log.warning(
                "handler failed",
                subscription=self.subscription.name,
                event_id=str(each.envelope.id),
                error=summary(error),
            )
            if take_in(uow, inbox, [each.envelope]):
                record_failure(uow, self.subscription.name, each, describe(error), attempts=1, cause=error)
            return "failed"
        if not new:
            return "repeated"
        return "done" if handled else "outdated"


def inbox_key(subscription: str, replay: str = "") -> str:
    """Under which name the inbox keeps what a subscription took, in the ordinary course or in a replay by its id."""
    return f"{subscription}@{replay}" if replay else subscription


def take_in(uow: UnitOfWork, inbox: str, envelopes: Sequence[Envelope[Any]]) -> list[Envelope[Any]]:
    """Mark events as taken under an inbox key; returns those that weren't, in the order that they came."""
    unique: dict[str, Envelope[Any]] = {}
    for envelope in envelopes:
        unique.setdefault(envelope.id.hex, envelope)
    if not unique:
        return []
    # sorted, so that two processes that got the same events again can't wait for each other
    ids = "{" + ",".join(sorted(unique)) + "}"
    taken = uow.session.connection().exec_driver_sql(_TAKE_IN, (ids, inbox, uow.now))
    if taken.rowcount == len(unique):
        return list(unique.values())
    new = {event_id.hex for event_id in taken.scalars()}
    return [envelope for event_id, envelope in unique.items() if event_id in new]
