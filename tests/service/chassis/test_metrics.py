"""What the processes tell of events, on their own ports."""

from __future__ import annotations

import signal
import uuid

import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.service.chassis.probe import Probe
from tests.service.chassis.test_events import effects, publish_later
from tests.stack import eventually

EACH, BULK = "probe.thing-counted", "probe.together"


def metric(probe: Probe, pid: int, name: str, **labels: str) -> float:
    """A figure of a process; 0 where it tells nothing of the kind."""
    answer = requests.get(f"http://127.0.0.1:{probe.ports[pid]}/metrics", timeout=30)
    samples = [
        sample
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    return sum(sample.value for sample in samples)


def test_processes_tell_what_becomes_of_events(probe: Probe) -> None:
    relay, worker = probe.start("chassis.relay").pid, probe.start("chassis.worker").pid
    first = probe.start("chassis.runtime")
    publish_later(probe, *enumerate(["well", "raise", "well", "drop"]))
    eventually(lambda: len(effects(probe)) == 2)
    taken = {"subscription": EACH}
    eventually(lambda: metric(probe, first.pid, "plut_events_total", **taken, outcome="done") == 2)
    assert metric(probe, first.pid, "plut_events_total", **taken, outcome="failed") == 2
    assert metric(probe, first.pid, "plut_event_batch_size_sum", subscription=BULK) == 4
    eventually(lambda: metric(probe, first.pid, "plut_hub_blocked_seconds_count") > 3)

    failed = {"service": "probe", "subscription": EACH}
    eventually(lambda: metric(probe, worker, "plut_failed_events", **failed, state="waiting") == 1)
    assert metric(probe, worker, "plut_failed_events", **failed, state="dropped") == 1
    probe.database.execute("UPDATE plut.failed_event SET state = 'dead' WHERE state = 'waiting'")
    eventually(lambda: metric(probe, worker, "plut_failed_events", **failed, state="dead") == 1)
    assert metric(probe, worker, "plut_failed_events", subscription=BULK) == 0

    eventually(lambda: metric(probe, relay, "plut_relay_published_total", lane="express") == 4)
    assert metric(probe, relay, "plut_relay_confirm_seconds_count", lane="express") >= 1
    assert metric(probe, relay, "plut_relay_leads", service="probe", lane="bulk") == 1

    # a repeat, and a message that comes again because its consumer was killed
    probe.database.execute("UPDATE plut.outbox SET sent_at = NULL")
    eventually(lambda: metric(probe, first.pid, "plut_event_repeats_total", **taken) == 4)
    with probe.database.transaction():
        probe.database.execute("LOCK TABLE effect")
        publish_later(probe, (5, "well"))
        eventually(lambda: probe.rows("SELECT 1 FROM pg_locks WHERE NOT granted"))
        first.send_signal(signal.SIGKILL)
        first.wait(10)
    second = probe.start("chassis.runtime").pid
    eventually(lambda: metric(probe, second, "plut_event_redeliveries_total", **taken) >= 1)

    # what waits, and what will never go out
    probe.database.execute("TRUNCATE plut.outbox")
    stuck = uuid.uuid4()
    publish_later(probe, (6, "well"), (7, "well"), subjects=[stuck, stuck], spoil=True)
    eventually(lambda: metric(probe, relay, "plut_relay_parked_aggregates", service="probe", lane="express") == 1)
    assert metric(probe, relay, "plut_relay_oldest_unsent_seconds", lane="express") >= 0
