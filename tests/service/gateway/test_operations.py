"""For operators: which service is asked what, who may, and what is said when something doesn't exist."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import pytest

from contracts.access import ROLES, AccessContext
from contracts.api.operations import METHODS
from contracts.errors import NOT_ALLOWED, UNAVAILABLE, PlutError
from tests.service.gateway.conftest import Gateway
from tests.service.gateway.test_forwarding import ID, as_json
from tests.service.gateway.together import Together

SUBSCRIPTION = "notifications.enterprise-registered"
TYPE = "id.plut.registry.enterprise-registered.v1"
SINCE = "2026-11-21T00:00:00+00:00"
LISTED = {
    "items": [
        {"name": SUBSCRIPTION, "type": TYPE, "queue": f"{SUBSCRIPTION}.bulk"},
        {"name": "notifications.consent-given", "type": "id.plut.registry.consent-given.v1", "queue": "q"},
    ]
}
REPLAY = {"id": ID, "subscription": SUBSCRIPTION, "state": "waiting", "done": 0, "total": None, "version": 1}


def loaded(gateway: Gateway) -> Any:
    """The last request, as the service loads it."""
    asked = gateway.services.asked[-1]
    return METHODS[asked.method][0]().load(as_json(asked.request))


@pytest.mark.parametrize(
    ("path", "method", "answer"),
    [
        ("/events/failed?service=registry&unit=21&limit=7", "list_failed_events", {"items": [], "next": None}),
        (f"/events/failed/{ID}?service=registry", "get_failed_event", {"id": ID}),
        ("/events/parked?service=registry&state=dropped", "list_parked_events", {"items": [], "next": None}),
        (f"/events/parked/{ID}?service=registry", "get_parked_event", {"id": ID}),
        ("/events/published?service=registry&order=oldest&body=true", "list_published_events", {"items": []}),
        ("/events/subscriptions?service=registry", "list_subscriptions", {"items": []}),
        ("/jobs?service=registry", "list_replays", {"items": [], "next": None}),
        (f"/jobs/{ID}?service=registry", "get_replay", REPLAY),
    ],
)
def test_reading_asks_the_service_that_is_named(gateway: Gateway, path: str, method: str, answer: Any) -> None:
    gateway.services.answers[f"registry.{method}"] = lambda *_: answer
    reply = gateway.request("GET", f"/operations{path}")
    assert reply.status_code == 200, reply.text
    assert reply.json == answer | ({"service": "registry"} if method == "get_replay" else {})
    assert (gateway.services.asked[-1].service, gateway.services.asked[-1].method) == ("registry", method)
    loaded(gateway)


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("failed/retry", "retry_failed_events"),
        ("failed/drop", "drop_failed_events"),
        ("parked/release", "release_parked_events"),
        ("parked/drop", "drop_parked_events"),
    ],
)
def test_changing_needs_ids_or_a_condition(gateway: Gateway, path: str, method: str) -> None:
    gateway.services.answers[f"registry.{method}"] = lambda *_: {"count": 2}
    body = {"service": "registry", "dry_run": True} | ({"reason": "a test"} if "drop" in path else {})
    refused = gateway.request("POST", f"/operations/events/{path}", json=body)
    assert (refused.status_code, gateway.services.asked) == (422, [])
    for condition in ({"ids": [ID]}, {"type": TYPE}, {"unit": "21"}, {"since": SINCE}):
        assert gateway.request("POST", f"/operations/events/{path}", json=body | condition).json == {"count": 2}
        assert loaded(gateway)["dry_run"] is True


def test_a_parked_event_is_given_up_with_a_reason(gateway: Gateway) -> None:
    reply = gateway.request("POST", "/operations/events/parked/drop", json={"service": "registry", "ids": [ID]})
    assert reply.status_code == 422
    assert list((reply.json or {})["errors"]) == ["reason"]


def test_a_replay_is_asked_of_who_has_published(gateway: Gateway) -> None:
    gateway.services.answers["notifications.list_subscriptions"] = lambda *_: LISTED
    gateway.services.answers["registry.start_replay"] = lambda *_: REPLAY
    body = {"subscription": SUBSCRIPTION, "since": SINCE, "rate": 50, "again": True, "unit": "21.71"}
    begun = gateway.request("POST", "/operations/replays", json=body)
    assert begun.status_code == 202, begun.text
    assert begun.headers["Location"] == f"/api/v1/operations/jobs/{ID}?service=registry"
    assert begun.headers["ETag"] == '"1"'
    asked = loaded(gateway)
    assert asked["targets"] == [{"type": TYPE, "queue": f"{SUBSCRIPTION}.bulk"}]
    assert (asked["rate"], asked["again"], asked["unit"], asked["until"]) == (50, True, "21.71", None)
    gateway.services.answers["registry.stop_replay"] = lambda *_: REPLAY | {"state": "stopped"}
    stopped = gateway.request("POST", f"/operations/jobs/{ID}/stop", json={"service": "registry"})
    assert (stopped.status_code, (stopped.json or {})["service"]) == (202, "registry")


def test_a_plan_and_what_was_missed(gateway: Gateway) -> None:
    answers = gateway.services.answers
    answers["notifications.list_subscriptions"] = lambda *_: LISTED
    answers["registry.plan_replay"] = lambda *_: {"types": [TYPE], "events": 2, "since": SINCE, "until": SINCE}
    answers["registry.list_published_ids"] = lambda *_: {"items": [ID, str(uuid.uuid4())], "next": "more"}
    answers["notifications.find_missed_events"] = lambda asked, _: {"missed": asked["ids"][:1]}
    query = {"subscription": SUBSCRIPTION, "type": TYPE, "since": SINCE}
    plan = gateway.request("GET", "/operations/replays/plan", query_string=query)
    assert ((plan.json or {})["service"], (plan.json or {})["events"]) == ("registry", 2)
    missed = gateway.request("GET", "/operations/events/missed", query_string=query)
    assert missed.json == {"checked": 2, "missed": [ID], "next": "more"}
    loaded(gateway)


@pytest.mark.parametrize("name", ["notifications.enterprise-registred", "nobody.enterprise-registered", "x"])
def test_an_unknown_subscription_is_told_with_those_there_are(gateway: Gateway, name: str) -> None:
    gateway.services.answers["notifications.list_subscriptions"] = lambda *_: LISTED
    body = {"subscription": name, "since": SINCE}
    refused = gateway.request("POST", "/operations/replays", json=body)
    assert refused.status_code == 422
    (text,) = (refused.json or {})["errors"]["subscription"]
    assert SUBSCRIPTION in text
    wrong = body | {"subscription": SUBSCRIPTION, "type": "id.plut.registry.enterprise-merged.v1"}
    refused = gateway.request("POST", "/operations/replays", json=wrong)
    assert f"hears only {TYPE}" in (refused.json or {})["errors"]["type"][0]
    assert not any(asked.method == "start_replay" for asked in gateway.services.asked)


@pytest.mark.parametrize(
    "body",
    [
        {"since": SINCE},
        {"subscription": SUBSCRIPTION},
        {"subscription": SUBSCRIPTION, "since": "2h"},
        {"subscription": SUBSCRIPTION, "since": SINCE, "rate": 0},
        {"subscription": SUBSCRIPTION, "since": SINCE, "rate": 100_000},
    ],
)
def test_a_wrong_replay_reaches_nobody(gateway: Gateway, body: Mapping[str, Any]) -> None:
    assert gateway.request("POST", "/operations/replays", json=body).status_code == 422
    assert gateway.services.asked == []


@pytest.mark.parametrize("role", [role for role in ROLES if role != "operator"])
def test_a_refusal_by_role_is_a_403(gateway: Gateway, role: str) -> None:
    """Services judge by the roles that the context carries: the gateway passes them, and the refusal, on."""

    def refuse(_: Mapping[str, Any], context: AccessContext) -> None:
        assert {grant.role for grant in context.grants} == {role}
        raise PlutError(NOT_ALLOWED, "Your role does not allow this.")

    for method in METHODS:
        gateway.services.answers[f"registry.{method}"] = gateway.services.answers[f"notifications.{method}"] = refuse
    token = gateway.make(role, "21.71")["token"]
    body = {"subscription": SUBSCRIPTION, "since": SINCE}
    assert gateway.request("GET", "/operations/events/published?service=registry", token).status_code == 403
    assert gateway.request("POST", "/operations/replays", token, json=body).status_code == 403


def test_a_service_that_is_away_is_said_so(gateway: Gateway) -> None:
    reply = gateway.request("GET", "/operations/events/parked?service=notifications")
    assert (reply.status_code, (reply.json or {})["code"]) == (503, UNAVAILABLE)


def test_what_the_registry_really_answers_is_what_the_document_tells(together: Together) -> None:
    for path in ("events/failed", "events/parked", "events/published", "events/subscriptions", "jobs"):
        assert together.request("GET", f"/operations/{path}?service=registry").status_code == 200, path
    whole = together.request("GET", "/operations/events/published?service=registry&body=true&order=oldest")
    assert whole.status_code == 200
    for path in (f"events/failed/{ID}", f"events/parked/{ID}", f"jobs/{ID}"):
        assert together.request("GET", f"/operations/{path}?service=registry").status_code == 404, path
    for path in ("failed/retry", "failed/drop", "parked/release", "parked/drop"):
        body = {"service": "registry", "ids": [ID]} | ({"reason": "a test"} if "drop" in path else {})
        assert together.request("POST", f"/operations/events/{path}", json=body).json == {"count": 0}
    unknown = {"subscription": "registry.nothing", "since": SINCE}
    assert together.request("GET", "/operations/replays/plan", query_string=unknown).status_code == 422
    assert together.request("POST", "/operations/replays", json=unknown).status_code == 422
