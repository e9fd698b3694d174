"""Replays: the subscription's service says what it hears, the service that has published the events publishes them again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from chassis.services import service_names
from contracts.api.operations import replays as api
from contracts.errors import PlutError
from gateway.api.asking import answer, ask
from gateway.edge.blueprint import EdgeBlueprint, Operation
from gateway.edge.parsing import wrong_fields

_PLAN = Operation(
    verb="GET", rule="/replays/plan", id="operations.plan_replay", takes=api.ReplayWindow, answers=api.ReplayPlan
)
_MISSED = Operation(
    verb="GET", rule="/events/missed", id="operations.find_missed_events", takes=api.FindMissed,
    answers=api.MissedEventPage,
)  # fmt: skip
_START = Operation(
    verb="POST", rule="/replays", id="operations.start_replay", takes=api.ReplayEvents, answers=api.Replay, status=202,
    versioned=True, located=True,
)  # fmt: skip


def register(blueprint: EdgeBlueprint, where_job: str) -> None:
    """Add the endpoints; `where_job` is where a replay is watched."""

    @blueprint.operation(_PLAN)
    def plan_replay(asked: dict[str, Any]) -> Response:
        """How many events a replay to a subscription would publish."""
        service, request = _publisher(asked)
        return answer(ask(service, "plan_replay", request) | {"service": service})

    @blueprint.operation(_MISSED)
    def find_missed_events(asked: dict[str, Any]) -> Response:
        """Which published events a subscription has never taken, oldest first, a page of thousands at a time."""
        service, request = _publisher(asked)
        page = ask(service, "list_published_ids", request)
        name = asked["subscription"]
        found = ask(_service_of(name), "find_missed_events", {"subscription": name, "ids": page["items"]})
        return answer({"checked": len(page["items"]), "missed": found["missed"], "next": page["next"]})

    @blueprint.operation(_START)
    def start_replay(asked: dict[str, Any]) -> Response:
        """Publish events once more, to one subscription, as a job of the service that has published them."""
        service, request = _publisher(asked)
        begun = ask(service, "start_replay", request) | {"service": service}
        return answer(begun, status=202, versioned=True, location=where_job)


def _publisher(asked: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The service that publishes what is asked for, and the request to it. Raises PlutError for what doesn't exist."""
    targets = _targets(asked["subscription"], asked.get("type"))
    publishers = {target["type"].split(".")[2] for target in targets}
    request = {name: value for name, value in asked.items() if name != "type"}
    return publishers.pop(), {**request, "targets": targets}


def _targets(name: str, wanted: str | None) -> list[dict[str, str]]:
    """Event types of a subscription, all or the one that is wanted, and the queues that take them."""
    service = _service_of(name)
    known = ask(service, "list_subscriptions", {})["items"] if service in service_names() else []
    own = [each for each in known if each["name"] == name]
    if not own:
        names = ", ".join(sorted({each["name"] for each in known} or _all_names()))
        raise wrong_fields({"subscription": [f"Tidak dikenal. Yang ada: {names}. / Unknown. There are: {names}."]})
    targets = [{"type": each["type"], "queue": each["queue"]} for each in own if wanted in (None, each["type"])]
    if not targets:
        types = ", ".join(each["type"] for each in own)
        raise wrong_fields({"type": [f"{name} hanya mendengar {types}. / {name} hears only {types}."]})
    return targets


def _service_of(subscription: str) -> str:
    return subscription.partition(".")[0]


def _all_names() -> set[str]:
    """Every subscription's name, of the services that answer."""
    names: set[str] = set()
    for service in service_names():
        try:
            names |= {each["name"] for each in ask(service, "list_subscriptions", {})["items"]}
        except PlutError:
            continue
    return names
