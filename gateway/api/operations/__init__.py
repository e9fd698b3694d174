"""For operators: events that failed, were parked or published, in any service, and replays of them."""

from __future__ import annotations

from gateway.api.endpoints import act, begin, read
from gateway.api.operations import replaying
from gateway.api.operations.of_service import register
from gateway.edge.blueprint import EdgeBlueprint
from gateway.edge.openapi import PREFIX

WHERE_JOB = f"{PREFIX}/operations/jobs/{{id}}?service={{service}}"
_JOB = "/jobs/<uuid:id>"

ENDPOINTS = (
    read("/events/failed", "list_failed_events"),
    read("/events/failed/<uuid:id>", "get_failed_event"),
    act("/events/failed/retry", "retry_failed_events"),
    act("/events/failed/drop", "drop_failed_events"),
    read("/events/parked", "list_parked_events"),
    read("/events/parked/<uuid:id>", "get_parked_event"),
    act("/events/parked/release", "release_parked_events"),
    act("/events/parked/drop", "drop_parked_events"),
    read("/events/published", "list_published_events"),
    read("/events/subscriptions", "list_subscriptions"),
    read("/jobs", "list_replays"),
    read(_JOB, "get_replay", versioned=True),
    begin(f"{_JOB}/stop", "stop_replay", WHERE_JOB),
    begin(f"{_JOB}/resume", "resume_replay", WHERE_JOB),
)
"""What one service answers; what asks two of them is in `replaying`."""


def blueprint() -> EdgeBlueprint:
    """The endpoints for operators."""
    made = EdgeBlueprint("operations", url_prefix=f"{PREFIX}/operations", description="For those who run the platform.")
    register(made, ENDPOINTS)
    replaying.register(made, WHERE_JOB)
    return made
