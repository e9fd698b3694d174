"""Published events, looked back at and followed."""

from __future__ import annotations

import uuid

import pytest

from chassis.database import Database
from chassis.operations.published import _flat
from chassis.unit_of_work import UnitOfWork
from contracts.errors import PlutError
from tests.probe.facts.probe import ThingCounted
from tests.service.chassis.operator import TYPE, WHO, ago, ask, audits, publish
from tests.service.chassis.probe import BATAM, Probe
from tests.stack import eventually


def sent(probe: Probe, count: int) -> None:
    eventually(lambda: probe.rows("SELECT count(*) FROM plut.outbox WHERE sent_at IS NOT NULL") == [(count,)])


def test_the_newest_come_first_page_by_page_and_by_every_condition(service: Probe) -> None:
    subject = uuid.uuid4()
    events = [*publish(service, 1), *publish(service, 2, subject=subject), *publish(service, 3, unit="21.72")]
    sent(service, 3)
    page = ask(service, "list_published_events", limit=2)
    following = ask(service, "list_published_events", limit=2, cursor=page["next"])
    assert [each["id"] for each in page["items"] + following["items"]] == events[::-1]
    assert following["next"] is None
    found = lambda **how: [each["id"] for each in ask(service, "list_published_events", **how)["items"]]  # noqa: E731
    assert found(subject=str(subject)) == [events[1]] == found(event=events[1])
    assert found(unit="21.72", type=TYPE) == [events[2]]
    assert found(since=ago(hours=1), order="oldest") == events
    assert found(until=ago(hours=1)) == []
    newest = page["items"][0]
    assert (newest["sequence"], newest["actor"], newest["data"]) == (
        "0000000003",
        BATAM.account,
        {"mood": "well", "number": 3},
    )


def test_who_follows_sees_also_what_a_slow_transaction_publishes_late(service: Probe) -> None:
    follow = ask(service, "list_published_events")["follow"]
    database = Database(service.settings, "probe")
    with UnitOfWork(database, BATAM) as uow:
        uow.publish(ThingCounted(mood="well", number=1), subject=uow.new_id(), unit="21.71", sequence=1)
        uow.flush()  # it has its position, and isn't committed
        publish(service, 2)
        sent(service, 1)
        page = ask(service, "list_published_events", order="oldest", cursor=follow)
        assert [each["data"]["number"] for each in page["items"]] == [2]
    database.close()
    sent(service, 2)
    page = ask(service, "list_published_events", order="oldest", cursor=page["follow"])
    assert [each["data"]["number"] for each in page["items"]] == [1]
    again = ask(service, "list_published_events", order="oldest", cursor=page["follow"])
    assert (again["items"], again["follow"]) == ([], page["follow"])


def test_bodies_are_shown_when_asked_for_and_that_is_on_record(service: Probe) -> None:
    events = publish(service, 1)
    sent(service, 1)
    assert "body" not in ask(service, "list_published_events")["items"][0]
    assert audits(service, "published-events.read") == []
    assert events[0] in ask(service, "list_published_events", body=True, unit="21.71")["items"][0]["body"]
    ((account, _, detail),) = audits(service, "published-events.read")
    assert (account, detail["ids"], detail["unit"]) == (WHO.account, events, "21.71")


def test_nested_values_are_left_out_since_personal_data_stands_there() -> None:
    data = {"business": "Dapur", "contact": {"name": "Siti"}, "fields": ["name"], "people": [{"name": "Budi"}]}
    assert _flat(data) == {"business": "Dapur", "fields": ["name"]}


@pytest.mark.parametrize(
    "cursor", ["x", "2026-01-01~1", "2026-01-01T00:00:00+00:00~-1", "2026-01-01T00:00:00+00:00~x", "~"]
)
def test_a_cursor_that_no_page_gave_is_refused(service: Probe, cursor: str) -> None:
    with pytest.raises(PlutError, match="invalid-request"):
        ask(service, "list_published_events", cursor=cursor)
