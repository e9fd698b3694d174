"""From a commit to its effect at a steady rate, for ours; from publishing to the effect, for plain nameko."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from chassis.settings import Settings
from tests.bench.events import machine, material
from tests.bench.events.trial import Trial

#: The first seconds are for connections, caches and compiled statements.
WARM_UP = 2.0
_LATENCY = """
    WITH event AS (
        SELECT coalesce(source.sent_at, pg_xact_commit_timestamp(source.xmin)) AS began,
            pg_xact_commit_timestamp(business.xmin) AS done
        FROM source JOIN business USING (id)
    )
    SELECT count(*), percentile_cont(ARRAY[0.5, 0.95, 0.99, 1.0]) WITHIN GROUP (ORDER BY extract(epoch FROM done - began))
    FROM event WHERE began > (SELECT min(began) FROM event) + make_interval(secs => %s)
"""


def measure(trial: Trial, file: Path, number: int, per_second: float) -> dict[str, Any]:
    """Percentiles in milliseconds of `number` events at so many a second, the consumer being ready and idle before."""
    ground, contender = trial.ground, trial.contender
    ground.empty()
    with ExitStack() as closing:
        consumer = ground.start(contender.consumer)
        closing.callback(ground.stop, consumer)
        running = [consumer]
        if contender.is_ours:
            running.append(ground.start([sys.executable, "-m", "chassis.relay", contender.service]))
            closing.callback(ground.stop, running[-1])
            source = [sys.executable, "-m", "tests.bench.events.own_source", contender.service, str(number)]
            material.fill_outbox(Settings.from_environment(ground.environment), contender.service, 1)
        else:
            source = [sys.executable, "-m", "tests.bench.events.contenders.nameko_source", str(file)]
        ground.wait_for_consumers(contender.queue, 1, running)
        database = closing.enter_context(ground.look())
        # one event goes through before, so that the relay is known to be ready
        first = 1 if contender.is_ours else 0
        trial.wait_for_effects(database, first, running)
        kept = ground.run([*source, str(per_second)])["rate"]
        trial.wait_for_effects(database, first + number, running)
        count, found = database.execute(_LATENCY, (WARM_UP,)).fetchone()  # type: ignore[misc]
    names = ("p50", "p95", "p99", "max")
    return {
        **{name: round(float(value) * 1000, 2) for name, value in zip(names, found, strict=True)},
        "events": count,
        "rate": round(kept, 1),
        "load": machine.load(),
    }
