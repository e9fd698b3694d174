"""What operators see and do about events that the broker refused."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from contracts.errors import PlutError
from tests.service.chassis.operator import TYPE, WHO, ago, ask, audits, effects, publish
from tests.service.chassis.probe import Probe
from tests.stack import eventually

TOO_LONG = "x" * 300


def parked(probe: Probe, number: int = 1, **how: Any) -> str:
    """An event that the broker has refused."""
    (event,) = publish(probe, number, key=TOO_LONG, **how)
    eventually(lambda: probe.rows("SELECT 1 FROM plut.outbox WHERE parked_at IS NOT NULL AND event_id = %s", event))
    return event


def mend_the_key(probe: Probe) -> None:
    """Take the cause away, as whoever corrects the unit's code would."""
    probe.rows(
        "UPDATE plut.outbox SET routing_key = 'probe.thing-counted.v1.21.71' WHERE routing_key = %s RETURNING 1",
        TOO_LONG,
    )


def test_they_are_listed_with_the_reason_and_with_what_waits_behind_each(service: Probe) -> None:
    stuck, other = uuid.uuid4(), uuid.uuid4()
    event = parked(service, 1, subject=stuck)
    publish(service, 2, 3, subject=stuck)
    publish(service, 4, subject=other)
    eventually(lambda: effects(service) == [4])
    (row,) = ask(service, "list_parked_events")["items"]
    assert (row["id"], row["type"], row["subject"], row["waiting"]) == (event, TYPE, str(stuck), 2)
    assert row["error"] == "the routing key is longer than the 255 bytes that AMQP allows"
    found = lambda **how: len(ask(service, "list_parked_events", **how)["items"])  # noqa: E731
    assert (found(unit="21"), found(unit="21.72"), found(subject=str(stuck)), found(subject=str(other))) == (1, 0, 1, 0)
    assert (found(since=ago(hours=1)), found(until=ago(hours=1)), found(state="dropped")) == (1, 0, 0)
    shown = ask(service, "get_parked_event", id=event)
    assert event in shown["body"]
    assert audits(service, "parked-event.read") == [(WHO.account, event, None)]
    with pytest.raises(PlutError, match="no such parked event"):
        ask(service, "get_parked_event", id=str(uuid.uuid4()))


def test_a_page_has_a_next_one(service: Probe) -> None:
    events = [parked(service, number) for number in range(3)]
    page = ask(service, "list_parked_events", limit=2)
    following = ask(service, "list_parked_events", limit=2, cursor=page["next"])
    assert [each["id"] for each in page["items"] + following["items"]] == events[::-1]
    assert following["next"] is None


def test_released_its_aggregate_goes_on_in_order(service: Probe) -> None:
    stuck = uuid.uuid4()
    event = parked(service, 1, subject=stuck)
    publish(service, 2, 3, subject=stuck)
    mend_the_key(service)
    assert ask(service, "release_parked_events", ids=[event], dry_run=True) == {"count": 1}
    assert ask(service, "release_parked_events", ids=[event]) == {"count": 1}
    eventually(lambda: effects(service) == [1, 2, 3])
    sent = service.rows("SELECT event_id FROM plut.outbox WHERE sent_at IS NOT NULL ORDER BY sent_at, position")
    assert str(sent[0][0]) == event
    assert audits(service, "parked-event.released") == [(WHO.account, None, {"ids": [event], "count": 1})]


def test_released_before_its_cause_is_gone_it_is_parked_again(service: Probe) -> None:
    event = parked(service)
    ask(service, "release_parked_events", type=TYPE)
    eventually(lambda: [each["id"] for each in ask(service, "list_parked_events")["items"]] == [event])


def test_given_up_its_aggregate_goes_on_without_it(service: Probe) -> None:
    stuck = uuid.uuid4()
    event = parked(service, 1, subject=stuck)
    publish(service, 2, subject=stuck)
    with pytest.raises(PlutError, match="invalid-request"):
        ask(service, "drop_parked_events", ids=[event])
    assert ask(service, "drop_parked_events", ids=[event], reason="wrong code") == {"count": 1}
    eventually(lambda: effects(service) == [2])
    assert ask(service, "list_parked_events")["items"] == []
    (kept,) = ask(service, "list_parked_events", state="dropped")["items"]
    assert (kept["id"], kept["waiting"], kept["state"]) == (event, 0, "dropped")
    assert kept["dropped_at"]
    assert kept["error"].splitlines()[-1] == f"dropped by account {WHO.account}: wrong code"
    assert audits(service, "parked-event.dropped") == [
        (WHO.account, None, {"ids": [event], "count": 1, "reason": "wrong code"})
    ]
    assert ask(service, "list_published_events")["items"][0]["sequence"] == "0000000002", "it was never published"
    # regretted: it goes out after all
    mend_the_key(service)
    assert ask(service, "release_parked_events", ids=[event]) == {"count": 1}
    eventually(lambda: effects(service) == [1, 2])
