"""R3: the broker may be away."""

from __future__ import annotations

import time

import pytest

from tests.chaos.trial import Try
from tests.stack import eventually

RATE = 15
#: Seconds by which a shared machine may miss twice the quiet time.
GRACE = 0.1


@pytest.mark.slow
def test_writes_go_on_without_a_broker_and_their_events_follow(trial: Try) -> None:
    with trial("R3") as it:
        with it.load(RATE) as load:
            it.wait(it.seconds * 0.3, load)
            quiet = load.latency()
            it.faults.away("broker")
            since = time.monotonic()
            it.wait(it.seconds * 0.5, load)
            away = load.latency(since)
            it.stack.supervisor.start("broker")
            eventually(lambda: it.stack.pid("broker"))
        it.outcome.figures = {
            "quiet_p50": quiet[0], "quiet_p99": quiet[1], "away_p50": away[0], "away_p99": away[1]
        }  # fmt: skip
        it.settle(60)
        it.every_write_is_there()
        writes = [answer for answer in load.answers if answer.kind != "read"]
        assert {answer.status // 100 for answer in writes} == {2}, load.statuses()
        assert not it.alone or away[0] <= 2 * quiet[0] + GRACE, it.outcome.figures
