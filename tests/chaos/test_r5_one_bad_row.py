"""R5: nothing waits behind one bad row."""

from __future__ import annotations

import time
from uuid import UUID

import pytest
import requests
from sqlalchemy import text

from tests.chaos.machine import ChaosStack
from tests.chaos.trial import Try
from tests.chaos.writing import registry, subjects, tell, unit_of_work
from tests.stack import eventually

AGGREGATES, VERSIONS = 2_000, 5
SEEN_WITHIN = 60
# longer than the 255 bytes that AMQP allows
_SPOIL = text("UPDATE plut.outbox SET routing_key = routing_key || repeat('.x', 150) WHERE event_id = :id")
_MEND = (
    "UPDATE plut.outbox SET parked_at = NULL, error = NULL, routing_key = split_part(routing_key, '.x', 1)"
    " WHERE event_id = %s"
)


@pytest.mark.slow
def test_a_row_that_nobody_can_publish_stops_its_own_aggregate_only(trial: Try) -> None:
    with trial("R5") as it, registry(it.stack) as database:
        all_of_them = subjects(AGGREGATES)
        bad = all_of_them[AGGREGATES // 2]
        with it.load(10) as load:
            with unit_of_work(database) as uow:
                for version in range(1, VERSIONS + 1):
                    for subject in all_of_them:
                        tell(uow, subject, version)
                uow.flush()
                mine = "SELECT event_id FROM plut.outbox WHERE subject = :subject ORDER BY position"
                held: list[UUID] = list(uow.session.execute(text(mine), {"subject": str(bad)}).scalars())[1:]
                uow.session.execute(_SPOIL, {"id": held[0]})
            it.outcome.faults = 1
            began = time.monotonic()
            eventually(lambda: _parked(it.stack) == held[:1] and _told(it.stack), SEEN_WITHIN, 0.2)
            seen = time.monotonic() - began
            it.settle(60, without=held)
            it.outcome.figures = {"seen_after": round(seen, 1), "all_others_after": round(time.monotonic() - began, 1)}
            assert not it.witness.seen.keys() & set(map(str, held))
        with it.stack.connect("registry") as connection:
            connection.execute(_MEND, (held[0],))
        it.settle(60)
        assert load.answers


def _parked(stack: ChaosStack) -> list[UUID]:
    with stack.connect("registry") as connection:
        query = "SELECT event_id FROM plut.outbox WHERE parked_at IS NOT NULL AND sent_at IS NULL"
        return [row[0] for row in connection.execute(query)]


def _told(stack: ChaosStack) -> bool:
    """Whether the relay's metrics say so, from which an alarm is made."""
    metrics = requests.get(f"{stack.ports.url('health-relay')}/metrics", timeout=30).text
    return 'plut_relay_parked_aggregates{lane="express",service="registry"} 1.0' in metrics
