"""What operators see and do about events whose handler raised."""

from __future__ import annotations

import uuid

import pytest

from chassis.operations import endpoints
from contracts.access import OPERATORS
from contracts.api.operations import METHODS
from contracts.errors import PlutError
from contracts.permissions import who_may
from tests.service.chassis.operator import BULK, EACH, TYPE, WHO, ago, ask, audits, effects, publish
from tests.service.chassis.probe import BATAM, Probe
from tests.stack import eventually

SOMETHING = {
    "id": str(uuid.uuid4()), "ids": [str(uuid.uuid4())], "subscription": EACH, "reason": "because", "rate": 1,
    "targets": [{"type": TYPE, "queue": EACH}], "since": ago(minutes=1),
}  # fmt: skip


def failed(probe: Probe, *numbers: int, unit: str = "21.71") -> list[str]:
    """Events that have failed in the subscription that takes one at a time; returns their own ids."""
    ids = publish(probe, *numbers, mood="raise", unit=unit)
    count = "SELECT count(*) FROM plut.failed_event WHERE event_id = ANY(%s)"
    eventually(lambda: probe.rows(count, ids) == [(len(ids),)])
    return ids


@pytest.mark.parametrize("method", sorted(name for name in METHODS if who_may(f"registry.{name}").roles == OPERATORS))
def test_only_operators_are_answered(service: Probe, method: str) -> None:
    fields = METHODS[method][0]().fields
    request = {name: value for name, value in SOMETHING.items() if name in fields}
    with pytest.raises(PlutError) as refusal:
        service.call(method, request, BATAM)
    assert refusal.value.code == "not-allowed"


def test_every_method_has_its_contract() -> None:
    assert {endpoint.name for endpoint in endpoints()} == set(METHODS)


def test_they_are_found_by_subscription_type_unit_event_and_time(service: Probe) -> None:
    first, second = failed(service, 1), failed(service, 2, unit="21.72")
    everything = ask(service, "list_failed_events")["items"]
    assert [each["event_id"] for each in everything] == [*second, *first], "newest first"
    by = lambda **how: [each["event_id"] for each in ask(service, "list_failed_events", **how)["items"]]  # noqa: E731
    assert by(subscription=BULK) == []
    assert by(subscription=EACH, type=TYPE, unit="21") == [*second, *first]
    assert by(unit="21.72") == second
    assert by(event=first[0]) == first
    assert by(since=ago(hours=1), state="waiting") == [*second, *first]
    assert by(until=ago(hours=1)) == []
    page = ask(service, "list_failed_events", limit=1)
    following = ask(service, "list_failed_events", limit=1, cursor=page["next"])
    assert [each["event_id"] for each in page["items"] + following["items"]] == [*second, *first]
    assert following["next"] is None


def test_one_is_shown_with_its_body_and_that_is_on_record(service: Probe) -> None:
    (event,) = failed(service, 1)
    row = ask(service, "list_failed_events")["items"][0]
    assert "body" not in row
    shown = ask(service, "get_failed_event", id=row["id"])
    assert event in shown["body"]
    assert "RuntimeError: as asked" in shown["error"]
    assert audits(service, "failed-event.read") == [(WHO.account, row["id"], None)]


def test_a_dry_run_says_how_many_and_changes_nothing(service: Probe) -> None:
    failed(service, 1, 2, 3)
    for method in ("retry_failed_events", "drop_failed_events"):
        assert ask(service, method, state="waiting", dry_run=True) == {"count": 3}
    states = service.rows("SELECT DISTINCT state, attempts FROM plut.failed_event")
    assert states == [("waiting", 1)]
    assert audits(service, "failed-event.retried") + audits(service, "failed-event.dropped") == []


def test_what_is_dropped_is_kept_with_who_and_why_and_can_be_tried_again(service: Probe) -> None:
    (event,) = failed(service, 1)
    (row,) = ask(service, "list_failed_events")["items"]
    assert ask(service, "drop_failed_events", ids=[row["id"]], reason="a test") == {"count": 1}
    kept = ask(service, "get_failed_event", id=row["id"])
    assert kept["state"] == "dropped"
    assert kept["error"].splitlines()[-1] == f"dropped by account {WHO.account}: a test"
    assert audits(service, "failed-event.dropped") == [
        (WHO.account, None, {"ids": [row["id"]], "count": 1, "reason": "a test"})
    ]
    # the cause is mended: the event itself is good now
    service.rows(
        "UPDATE plut.failed_event SET body = replace(convert_from(body, 'UTF8'), '\"raise\"', '\"well\"')::bytea RETURNING 1"
    )
    assert ask(service, "retry_failed_events", ids=[row["id"]]) == {"count": 1}
    eventually(lambda: effects(service) == [1])
    assert ask(service, "list_failed_events")["items"] == []
    assert [each[0] for each in audits(service, "failed-event.retried")] == [WHO.account]
    assert event
