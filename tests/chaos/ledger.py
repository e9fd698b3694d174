"""What was committed, and what came of it: effects per event id, read from the databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from chassis.subscriptions import Subscription, subscriptions_in
from contracts.events import decode
from services.notifications import handlers as notifications
from services.notifications.domain.telling import drafts
from tests.chaos.machine import ChaosStack
from tests.chaos.witness import Witness
from tests.probe.services.ledger import handlers as ledger
from tests.stack import eventually

SUBSCRIBERS: Mapping[str, list[Subscription]] = {
    "notifications": subscriptions_in(notifications),
    "ledger": subscriptions_in(ledger),
}


@dataclass(slots=True)
class Tally:
    """What became of the events committed since the mark. Lists name event ids, with what is wrong about each."""

    committed: int = 0
    unsent: int = 0
    lost: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Everything is where it belongs, once."""
        return not (self.unsent or self.lost or self.repeated)


class Ledger:
    """Counts for one promise: only events committed after it was made."""

    def __init__(self, stack: ChaosStack, witness: Witness) -> None:
        self._stack = stack
        self._witness = witness
        with stack.connect("registry") as connection:
            self._mark = _one(connection, "SELECT coalesce(max(position), 0) FROM plut.outbox")

    def tally(self, *, without: Iterable[UUID] = ()) -> Tally:
        """The state of things. `without` are events that are known to be held back."""
        with self._stack.connect("registry") as registry:
            rows = registry.execute(
                "SELECT event_id, type, body, sent_at FROM plut.outbox WHERE position > %s AND NOT event_id = ANY(%s)",
                (self._mark, list(without)),
            ).fetchall()
        found = Tally(committed=len(rows), unsent=sum(sent is None for *_, sent in rows))
        found.lost += [
            f"{event} was not seen by a partner" for event, *_ in rows if str(event) not in self._witness.seen
        ]
        by_type: dict[str, list[UUID]] = {}
        for event, kind, *_ in rows:
            by_type.setdefault(kind, []).append(event)
        for service, subscriptions in SUBSCRIBERS.items():
            with self._stack.connect(service) as connection:
                for subscription in subscriptions:
                    events = by_type.get(subscription.event_type.type, [])
                    _compare(found, subscription.name, events, _taken(connection, subscription.name, events), 1)
                _failed(found, service, connection, [event for event, *_ in rows])
        with self._stack.connect("ledger") as connection:
            for subscription in SUBSCRIBERS["ledger"]:
                events = by_type.get(subscription.event_type.type, [])
                _compare(
                    found, f"effect of {subscription.name}", events, _effects(connection, subscription.name, events), 1
                )
        with self._stack.connect("notifications") as connection:
            bodies = {event: bytes(body) for event, _, body, _ in rows}
            _compare_messages(found, connection, bodies)
        return found

    def settle(self, seconds: float = 60, *, without: Iterable[UUID] = ()) -> Tally:
        """The tally once it is clean, or what is wrong after `seconds`."""
        last: list[Tally] = []

        def clean() -> bool:
            last[:] = [self.tally(without=without)]
            return last[0].clean

        try:
            eventually(clean, seconds, 0.5)
        except (AssertionError, psycopg.OperationalError):
            if not last:
                raise
        return last[0]


def _one(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def _taken(connection: psycopg.Connection[Any], subscription: str, events: list[UUID]) -> Counter[UUID]:
    query = "SELECT event_id FROM plut.inbox WHERE subscription = %s AND event_id = ANY(%s)"
    return Counter(row[0] for row in connection.execute(query, (subscription, events)))


def _effects(connection: psycopg.Connection[Any], subscription: str, events: list[UUID]) -> Counter[UUID]:
    query = "SELECT event_id FROM effect WHERE subscription = %s AND event_id = ANY(%s)"
    return Counter(row[0] for row in connection.execute(query, (subscription, events)))


def _compare(found: Tally, what: str, events: list[UUID], counts: Mapping[UUID, int], expected: int) -> None:
    for event in events:
        count = counts.get(event, 0)
        if count < expected:
            found.lost.append(f"{event}: {what} {count} times")
        elif count > expected:
            found.repeated.append(f"{event}: {what} {count} times")


def _compare_messages(found: Tally, connection: psycopg.Connection[Any], bodies: Mapping[UUID, bytes]) -> None:
    """The mails and notices that follow from each event, as the service's own rule says; former addresses are extra."""
    query = "SELECT cause, audience, channel FROM message WHERE cause = ANY(%s) AND audience <> 'owner-before'"
    written = Counter((row[0], row[1], row[2]) for row in connection.execute(query, (list(bodies),)))
    due = Counter(
        (draft.cause, draft.audience, draft.channel) for body in bodies.values() for draft in drafts(decode(body))
    )
    found.lost += [f"{missing[0]}: message to {missing[1]}" for missing in due - written]
    found.repeated += [f"{more[0]}: message to {more[1]}" for more in written - due]


def _failed(found: Tally, service: str, connection: psycopg.Connection[Any], events: list[UUID]) -> None:
    query = "SELECT event_id, subscription, state, error FROM plut.failed_event WHERE event_id = ANY(%s)"
    for event, subscription, state, error in connection.execute(query, (events,)):
        found.lost.append(f"{event}: failed in {service} ({subscription}, {state}): {error.splitlines()[0]}")


def readable(tally: Tally) -> str:
    """The first few of each list."""
    shown = {"unsent": tally.unsent, "lost": tally.lost[:8], "repeated": tally.repeated[:8]}
    return msgspec.json.encode(shown).decode()
