"""Carries out replays: published events once more, to one subscription, never faster than was asked for.

A replay is a job of the service that has published the events. It goes through the outbox in the order in which they
were sent, straight into the subscription's own queue, so nobody else gets anything. Where it stands is kept in the job's
row after each window: whoever takes the job over goes on there. What was published twice by then is dropped by the
inbox, in which a replay that repeats effects has a name of its own.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, and_, func, select, text

from chassis.broker.publisher import BrokerAwayError, Message, Publisher, RefusedError
from chassis.broker.topology import REPLAY_HEADER
from chassis.jobs import Work
from chassis.log import logger
from chassis.operations.outbox_cursor import ORDER, after, read_cursor, write_cursor
from chassis.operations.published import of_targets
from chassis.settings import Settings
from chassis.tables import outbox as table
from chassis.unit_of_work import UnitOfWork, utc_now
from contracts.errors import NOT_FOUND, PlutError

log = logger(__name__)

#: Windows per second, so that events trickle rather than burst, and how many events one has at most.
WINDOWS, WINDOW = 4, 500
#: Seconds to wait for a broker that is away, doubled each time up to the second figure.
BACKOFF: Final = (0.5, 10.0)

_KEEP = text("UPDATE plut.job SET params = params || cast(:place AS jsonb) WHERE id = :id")


def replay_events(settings: Settings, work: Work) -> dict[str, Any]:
    """Publish what this replay has not published yet; returns how many events that were in all.

    Raises PlutError `not-found` when the subscription's queue doesn't exist.
    """
    publisher = Publisher(settings.amqp_url, f"replay {work.id}", timeout=settings.confirm_timeout)
    try:
        return _Replay(settings, work, publisher).run()
    finally:
        publisher.close()


class _Replay:
    """One run of a replay."""

    def __init__(self, settings: Settings, work: Work, publisher: Publisher) -> None:
        asked = dict(work.params)
        window = {name: datetime.fromisoformat(asked[name]) for name in ("since", "until")}
        self._work = work
        self._publisher = publisher
        self._asked = {**asked, **window}
        self._keep_days = settings.retention_days
        self._queues = {target["type"]: target["queue"] for target in asked["targets"]}
        self._headers = {REPLAY_HEADER: str(work.id)} if asked["again"] else {}
        self._place = read_cursor(asked)
        self._done: int = asked.get("published", 0)

    def run(self) -> dict[str, Any]:
        """Window by window."""
        total = self._done + self._count()
        self._work.progress(self._done, total)
        while rows := self._read():
            started = time.monotonic()
            sent = self._publish(rows)
            self._keep(rows[:sent])
            self._work.progress(self._done, total)
            # from its beginning: a slow broker is not made up for by a burst
            self._wait(started + sent / self._asked["rate"] - time.monotonic())
        return {"published": self._done}

    def _remaining(self) -> ColumnElement[bool]:
        conditions = [of_targets(self._asked)]
        if self._place:
            conditions.append(after(self._place))
        if not self._asked["again"]:
            # the inbox has forgotten the days before: it would not drop what was taken then
            conditions.append(table.c.created_at >= utc_now() - timedelta(days=self._keep_days))
        return and_(*conditions)

    def _count(self) -> int:
        with self._reading() as uow:
            query = select(func.count()).select_from(table).where(self._remaining())
            return uow.session.execute(query).scalar_one()

    def _read(self) -> Sequence[Any]:
        window = max(1, min(self._asked["rate"] // WINDOWS, WINDOW))
        columns = (table.c.event_id, table.c.type, table.c.body, *ORDER)
        with self._reading() as uow:
            query = select(*columns).where(self._remaining()).order_by(*ORDER).limit(window)
            return uow.session.execute(query).all()

    def _reading(self) -> UnitOfWork:
        return UnitOfWork(self._work.database, self._work.context)

    def _publish(self, rows: Sequence[Any]) -> int:
        """Publish a window through every absence of the broker; returns how many of its first events were taken."""
        messages = [
            Message(str(row.event_id), self._queues[row.type], bytes(row.body), exchange="", headers=self._headers)
            for row in rows
        ]
        delay = BACKOFF[0]
        while True:
            try:
                confirmed = set(self._publisher.publish(messages))
            except BrokerAwayError as error:
                log.warning("replay waits for the broker", error=str(error), seconds=delay)
                confirmed = set()
            except RefusedError as error:
                raise self._refused(error) from None
            sent = next((index for index in range(len(rows)) if index not in confirmed), len(rows))
            if sent:
                return sent
            self._work.progress(self._done, note="waits for the broker")
            self._wait(delay)
            delay = min(delay * 2, BACKOFF[1])

    def _keep(self, rows: Sequence[Any]) -> None:
        self._place = (rows[-1].sent_at, rows[-1].position)
        self._done += len(rows)
        place = {"cursor": write_cursor(self._place), "published": self._done}
        with self._work.unit_of_work() as uow:
            uow.session.execute(_KEEP, {"id": self._work.id, "place": orjson.dumps(place).decode()})

    def _wait(self, seconds: float) -> None:
        self._work.stopping.wait(max(seconds, 0))

    def _refused(self, error: RefusedError) -> PlutError:
        name = self._asked["subscription"]
        return PlutError(
            NOT_FOUND,
            f"The broker does not take events for {name}: {error}. Start its service, which makes the queue; then resume.",
            f"Broker menolak kejadian untuk {name}: {error}. Jalankan layanannya agar antrean dibuat, lalu lanjutkan.",
        )
