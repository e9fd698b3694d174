"""From message bodies to committed effects: the inbox, savepoints, failed events.

A batch is one transaction. It is tried whole, which costs nothing extra; when a handler raises, it is rolled back and
taken again one event at a time, each in a savepoint, so that the one that fails harms no neighbour.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from chassis.database import Database
from chassis.identifiers import new_id
from chassis.latest import newest
from chassis.log import logger
from chassis.metrics import EVENTS, REPEATS
from chassis.subscriptions import RETRY_SCHEDULE, Drop, Retry, Subscription
from chassis.tables import failed_event
from chassis.unit_of_work import UnitOfWork, utc_now
from contracts.access import SYSTEM
from contracts.events import Envelope, Event, UnreadableEventError, decode

log = logger(__name__)

#: How often a batch is taken anew that lost against another consumer's.
_CLASHES = 3

# in the driver's own words, and the ids as one text: arrays are put together in Python, which costs more than the INSERT
_TAKE_IN = (
    "INSERT INTO plut.inbox (event_id, subscription, received_at)"
    " SELECT unnest(%s::uuid[]), %s, %s ON CONFLICT DO NOTHING RETURNING event_id"
)

#: Errors of the driver that have no code: nothing came back.
_LOST = ("OperationalError", "InterfaceError", "ConnectionTimeout")


@dataclass(slots=True)
class Incoming:
    """A message's body and, where it could be read, its envelope."""

    body: bytes
    envelope: Envelope[Any] | None
    error: str = ""

    @classmethod
    def read(cls, body: bytes, expected: type[Event] | None = None) -> Incoming:
        """Read a body, quickest where it holds what is expected; one that can't be read is kept with the reason."""
        try:
            return cls(body, decode(body, expected))
        except UnreadableEventError as error:
            return cls(body, None, f"unreadable: {error}")


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
                error=_summary(error),
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


def record_failure(
    uow: UnitOfWork,
    subscription: str,
    incoming: Incoming,
    error_text: str,
    *,
    attempts: int,
    cause: Exception | None = None,
) -> None:
    """Write a `failed_event` row: waiting for its next attempt, dead, or dropped when the handler said so."""
    envelope = incoming.envelope
    state, next_attempt_at = next_step(cause, attempts, uow.now)
    uow.session.execute(
        failed_event.insert(),
        {
            "id": new_id(),
            "subscription": subscription,
            "event_id": envelope.id if envelope else None,
            "type": envelope.type if envelope else None,
            "unit": envelope.unit if envelope else None,
            "subject": envelope.subject if envelope else None,
            "body": incoming.body,
            "error": error_text,
            "attempts": attempts,
            "failed_at": uow.now,
            "next_attempt_at": next_attempt_at,
            "state": state,
        },
    )


def next_step(cause: Exception | None, attempts: int, now: datetime) -> tuple[str, datetime | None]:
    """State of an event after `attempts` failed attempts, the last one because of `cause`, and when it is tried again."""
    if isinstance(cause, Drop):
        return "dropped", None
    if attempts > len(RETRY_SCHEDULE):
        return "dead", None
    delay = cause.after if isinstance(cause, Retry) else RETRY_SCHEDULE[attempts - 1]
    return "waiting", now + delay


def is_away(error: BaseException) -> bool:
    """Whether an error means that the database can't be reached or is stopping, rather than that the work is wrong."""
    if isinstance(error, PoolTimeoutError):
        return True
    state = sqlstate(error)
    # class 08 connection, 57P01..05 shutdown and the like, 53 out of resources; none at all: the socket died
    lost = state is None and type(_driver_error(error)).__name__ in _LOST
    invalidated = isinstance(error, DBAPIError) and error.connection_invalidated
    return invalidated or lost or (state or "").startswith(("08", "57P", "53"))


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's code of an error, whether it came through SQLAlchemy or, as with COPY, from the driver itself."""
    return getattr(_driver_error(error), "sqlstate", None)


def _driver_error(error: BaseException) -> BaseException | None:
    if isinstance(error, DBAPIError):
        return error.orig
    return error if isinstance(error, psycopg.Error) else None


def is_clash(error: BaseException) -> bool:
    """Whether PostgreSQL ended a transaction for the sake of another (serialization failure, deadlock): try it again."""
    return sqlstate(error) in ("40001", "40P01")


def describe(error: Exception) -> str:
    """What an operator reads of an error: what it is and where it came from, innermost frames last.

    Of libraries only the innermost frame: theirs are many, and it is the handler that is looked for.
    """
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames[:-1] if "site-packages" not in frame.filename]
    places = "\n".join(f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in [*own[-6:], *frames[-1:]])
    return f"{_summary(error)}\n{places}"


def _summary(error: BaseException) -> str:
    # a statement's parameters may hold personal data: only the driver's first line is kept
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    first_line = (str(cause).splitlines() or [""])[0]
    return f"{type(error).__name__}: {first_line}"
