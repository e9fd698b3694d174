"""What every service answers for its operators about events: failed, parked and published ones, and replays.

`METHODS` is the list that services and gateway agree on.
"""

from __future__ import annotations

from typing import Final

from marshmallow import Schema

from contracts.api.operations import failed, parked, published, record, replays

METHODS: Final[dict[str, tuple[type[Schema], type[Schema]]]] = {
    "list_failed_events": (failed.ListFailedEvents, failed.FailedEventPage),
    "get_failed_event": (failed.GetFailedEvent, failed.FailedEvent),
    "retry_failed_events": (failed.RetryFailedEvents, failed.Mended),
    "drop_failed_events": (failed.DropFailedEvents, failed.Mended),
    "list_parked_events": (parked.ListParkedEvents, parked.ParkedEventPage),
    "get_parked_event": (parked.GetParkedEvent, parked.ParkedEvent),
    "release_parked_events": (parked.ReleaseParkedEvents, failed.Mended),
    "drop_parked_events": (parked.DropParkedEvents, failed.Mended),
    "list_published_events": (published.ListPublishedEvents, published.PublishedEventPage),
    "list_published_ids": (replays.ListPublishedIds, replays.PublishedIds),
    "list_subscriptions": (replays.ListSubscriptions, replays.SubscriptionPage),
    "find_missed_events": (replays.FindMissedEvents, replays.MissedIds),
    "plan_replay": (replays.PlanReplay, replays.ReplayPlan),
    "start_replay": (replays.StartReplay, replays.Replay),
    "list_replays": (replays.ListReplays, replays.ReplayPage),
    "get_replay": (replays.GetReplay, replays.Replay),
    "stop_replay": (replays.StopReplay, replays.Replay),
    "resume_replay": (replays.ResumeReplay, replays.Replay),
    "list_audit": (record.ListAudit, record.AuditPage),
    "list_acts_on_behalf": (record.ListActsOnBehalf, record.AuditPage),
}
"""Method → what it takes, what it answers."""
