"""The Prometheus metrics of the chassis."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

EVENTS = Counter(
    "plut_events_total",
    "Events taken from a subscription: done, failed, retried, or outdated (latest_only: a newer one had been taken).",
    ["subscription", "outcome"],
)
REPEATS = Counter(
    "plut_event_repeats_total", "Events that had been taken before, dropped by the inbox.", ["subscription"]
)
REDELIVERIES = Counter(
    "plut_event_redeliveries_total",
    "Messages that the broker had delivered before: to a consumer that died, stopped, or gave them back.",
    ["subscription"],
)
BATCH = Histogram(
    "plut_event_batch_size", "Events per transaction.", ["subscription"], buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500)
)
BATCH_SECONDS = Histogram("plut_event_batch_seconds", "Seconds per transaction of a batch.", ["subscription"])
HUB_BLOCKED = Histogram(
    "plut_hub_blocked_seconds",
    "Seconds by which a green thread wakes late: how long others keep a service's only processor to themselves.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
RPC_SECONDS = Histogram(
    "plut_rpc_seconds",
    "Seconds that a request took in the service.",
    ["method", "outcome"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
PUBLISHED = Counter("plut_relay_published_total", "Events that the broker confirmed.", ["service", "lane"])
CONFIRM_SECONDS = Histogram(
    "plut_relay_confirm_seconds",
    "Seconds from publishing a wave (of each aggregate one event) to its last confirm.",
    ["service", "lane"],
)
OLDEST_UNSENT = Gauge(
    "plut_relay_oldest_unsent_seconds",
    "Age of the oldest event that waits for nothing but the relay; 0 where there is none.",
    ["service", "lane"],
)
PARKED_AGGREGATES = Gauge(
    "plut_relay_parked_aggregates",
    "Aggregates whose events wait because the broker refused one of them for good.",
    ["service", "lane"],
)
LEADS = Gauge(
    "plut_relay_leads", "1 in the process that publishes this outbox, 0 in one that stands by.", ["service", "lane"]
)
FAILED = Gauge(
    "plut_failed_events",
    "Events whose handler failed: waiting for a retry, dead or dropped.",
    ["service", "subscription", "state"],
)
JOBS = Counter("plut_jobs_total", "Jobs that ended.", ["kind", "outcome"])
JOB_SECONDS = Histogram(
    "plut_job_seconds", "Seconds per run of a job.", ["kind"], buckets=(0.1, 1, 5, 15, 60, 300, 1800)
)
