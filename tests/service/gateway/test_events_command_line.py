"""`./plut events` as somebody types it: command line and gateway are real, the services behind are told what to say."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import structlog
from click.testing import CliRunner, Result
from werkzeug.serving import make_server

from contracts.errors import NOT_FOUND, PlutError
from deploy.cli.commands import plut
from deploy.processes import SERVICES
from tests.service.gateway.conftest import Gateway

SUBSCRIPTION, TYPE = "notifications.enterprise-registered", "id.plut.registry.enterprise-registered.v1"
NOBODY = str(uuid.uuid4())


class Typing:
    """Types commands at an operator's terminal."""

    def __init__(self, gateway: Gateway, url: str) -> None:
        self.gateway = gateway
        self.answers = gateway.services.answers
        self._url = url

    def __call__(self, *arguments: str, language: str = "en_GB.UTF-8", status: int = 0) -> Result:
        environment = {"LC_ALL": language, "PLUT_URL": self._url, "PLUT_TOKEN": self.gateway.operator}
        result = CliRunner(env=environment).invoke(plut, ["events", *arguments])
        assert result.exit_code == status, result.output
        return result

    def asked(self, method: str) -> list[Mapping[str, Any]]:
        return [asked.request for asked in self.gateway.services.asked if asked.method == method]


@pytest.fixture
def typing(gateway: Gateway) -> Iterator[Typing]:
    # the gateway lives in this process, and its log must not be taken for what the command says
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    server = make_server("127.0.0.1", 0, gateway.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Typing(gateway, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()
    structlog.reset_defaults()


def failed(number: int, service: str = "registry") -> dict[str, Any]:
    return {
        "id": str(uuid.UUID(int=number)), "subscription": f"{service}.thing", "state": "dead", "attempts": 6,
        "error": "ValueError: no\n  somewhere.py:1 in handler", "failed_at": f"2026-11-21T00:00:{number % 60:02d}+00:00",
        "next_attempt_at": None,
    }  # fmt: skip


def paged(items: list[dict[str, Any]]) -> Any:
    """A listing of a service, page by page."""

    def answer(request: Mapping[str, Any], _: Any) -> dict[str, Any]:
        start = uuid.UUID(str(request["cursor"])).int if request["cursor"] else 0
        page = items[start : start + request["limit"]]
        more = start + len(page) < len(items)
        return {"items": page, "next": str(uuid.UUID(int=start + len(page))) if more else None}

    return answer


NOTHING = paged([])


def test_lists_go_on_beyond_a_page_of_the_api(typing: Typing) -> None:
    typing.answers["registry.list_failed_events"] = paged([failed(number) for number in range(450)])
    typing.answers["notifications.list_failed_events"] = paged([failed(1_000, "notifications")])
    assert len(json.loads(typing("failed", "--json", "--limit", "0").stdout)) == 451
    some = typing("failed", "--json", "--limit", "250")
    assert len(json.loads(some.stdout)) == 250
    assert "Only the newest 250" in some.stderr
    table = typing("failed", "--limit", "3").stdout.splitlines()
    assert len(table) == 4
    assert table[1].endswith("ValueError: no")


def test_conditions_reach_the_service_that_they_are_about(typing: Typing) -> None:
    typing.answers["notifications.list_failed_events"] = NOTHING
    typing("failed", "--subscription", SUBSCRIPTION, "--type", "enterprise-registered", "--unit", "21", "--since", "2h")
    (asked,) = typing.asked("list_failed_events")
    assert (asked["subscription"], asked["type"], asked["unit"]) == (SUBSCRIPTION, TYPE, "21")
    assert {each.service for each in typing.gateway.services.asked} == {"notifications"}


def test_a_service_that_is_away_does_not_hide_the_others(typing: Typing) -> None:
    typing.answers["registry.list_failed_events"] = paged([failed(7)])
    result = typing("failed", status=1)
    assert str(uuid.UUID(int=7)) in result.stdout
    assert "notifications: nothing is known of it" in result.stderr
    assert "No failed events" not in typing("failed", "--service", "notifications", status=1).stdout


@pytest.mark.parametrize(
    ("command", "method", "indonesian"),
    [
        ("failed", "list_failed_events", "Tidak ada kejadian gagal."),
        ("parked", "list_parked_events", "Tidak ada kejadian terparkir."),
        ("replays", "list_replays", "Belum ada pemutaran ulang."),
        ("subscriptions", "list_subscriptions", "Tidak ada langganan."),
    ],
)
def test_nothing_is_said_as_nothing(typing: Typing, command: str, method: str, indonesian: str) -> None:
    for service in SERVICES:
        typing.answers[f"{service}.{method}"] = lambda *_: {"items": [], "next": None}
    assert typing(command, language="id_ID.UTF-8").stdout == f"{indonesian}\n"
    assert json.loads(typing(command, "--json").stdout) == []


def mendable(typing: Typing, **counts: int) -> None:
    for method in ("retry_failed_events", "drop_failed_events", "release_parked_events", "drop_parked_events"):
        for service in ("registry", "notifications"):
            count = counts.get(method, 0) if service == "registry" else 0
            typing.answers[f"{service}.{method}"] = lambda *_, count=count: {"count": count}


def test_ids_are_mended_wherever_they_are(typing: Typing) -> None:
    mendable(typing, retry_failed_events=1, release_parked_events=1)
    ids = [str(uuid.uuid4()), str(uuid.uuid4())]
    assert typing("retry", *ids).stdout == "Tried again: 2 events.\n"
    assert all([str(each) for each in asked["ids"]] == ids for asked in typing.asked("retry_failed_events"))
    lost = typing("retry", *ids, NOBODY, status=1)
    assert "1 of 3 were not found" in lost.stderr


def test_many_are_dropped_only_when_somebody_says_so(typing: Typing) -> None:
    mendable(typing, drop_failed_events=10)
    asked = typing("drop", "--state", "dead", "--reason", "old", status=1)
    assert "Give up 10 events? Add --yes." in asked.stderr
    assert all(request["dry_run"] for request in typing.asked("drop_failed_events"))
    assert typing("drop", "--state", "dead", "--reason", "old", "--yes").stdout == "Given up: 10 events.\n"
    done = typing.asked("drop_failed_events")[-1]
    assert (done["dry_run"], done["reason"], done["state"]) == (False, "old", "dead")
    mendable(typing, drop_failed_events=9)
    typing("drop", "--state", "dead")


def test_a_parked_event_is_given_up_with_a_reason(typing: Typing) -> None:
    mendable(typing, drop_parked_events=1)
    assert "--reason" in typing("drop", NOBODY, status=2).stderr
    assert all(request["dry_run"] for request in typing.asked("drop_parked_events"))
    typing("drop", "--state", "parked", "--reason", "wrong code", "--unit", "21.71")
    done = typing.asked("drop_parked_events")[-1]
    assert (done["dry_run"], done["reason"], done["unit"]) == (False, "wrong code", "21.71")


@pytest.mark.parametrize(
    "arguments",
    [
        ("retry",),
        ("drop", "--reason", "x"),
        ("retry", NOBODY, "--state", "dead"),
        ("retry", "--state", "parked", "--subscription", SUBSCRIPTION),
        ("retry", "--subject", NOBODY),
        ("replay", SUBSCRIPTION),
        ("replay", SUBSCRIPTION, "--since", "soon"),
        ("replays", "--stop"),
        ("replays", NOBODY, "--stop", "--resume"),
        ("failed", "--type", "enterprise"),
        ("show", "7"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error_and_asks_nobody(typing: Typing, arguments: tuple[str, ...]) -> None:
    typing(*arguments, status=2)
    assert typing.gateway.services.asked == []


def replay(state: str, **more: Any) -> dict[str, Any]:
    return {"id": NOBODY, "subscription": SUBSCRIPTION, "state": state, "done": 3, "total": 3, "again": False,
            "error": None, "version": 1, **more}  # fmt: skip


def replayable(typing: Typing, state: str = "succeeded", **more: Any) -> None:
    listed = {"items": [{"name": SUBSCRIPTION, "type": TYPE, "queue": "q"}]}
    plan = {"types": [TYPE], "events": 3, "since": "2026-11-21T00:00:00+00:00", "until": "2026-11-21T02:00:00+00:00"}
    typing.answers["notifications.list_subscriptions"] = lambda *_: listed
    typing.answers["registry.plan_replay"] = lambda *_: plan
    typing.answers["registry.start_replay"] = lambda *_: replay("waiting")
    typing.answers["registry.get_replay"] = lambda *_: replay(state, **more)
    typing.answers["registry.list_published_ids"] = lambda *_: {"items": [NOBODY], "next": None}
    typing.answers["notifications.find_missed_events"] = lambda *_: {"missed": [NOBODY]}


def test_a_replay_says_first_how_many_events_that_is_and_then_what_became_of_it(typing: Typing) -> None:
    replayable(typing)
    result = typing("replay", SUBSCRIPTION, "--since", "2h", "--rate", "2")
    assert "3 events (registry.enterprise-registered.v1)" in result.stderr
    assert "2 s at the fastest" in result.stderr
    assert result.stdout == f"{SUBSCRIPTION}: succeeded, 3/3\n"
    (asked,) = typing.asked("start_replay")
    assert (asked["rate"], asked["again"], asked["until"]) == (
        2,
        False,
        typing.gateway.services.asked[-2].request["until"],
    )


def test_a_dry_run_names_what_was_missed_and_starts_nothing(typing: Typing) -> None:
    replayable(typing)
    result = typing("replay", SUBSCRIPTION, "--since", "2h", "--dry-run")
    assert "Missed: 1 event;" in result.stdout
    assert NOBODY in result.stdout
    assert json.loads(typing("replay", SUBSCRIPTION, "--since", "2h", "--dry-run", "--json").stdout)["missed"] == [
        NOBODY
    ]
    assert typing.asked("start_replay") == []


def test_effects_are_repeated_only_when_somebody_says_so(typing: Typing) -> None:
    replayable(typing)
    assert (
        "Repeat the effects of 3 events" in typing("replay", SUBSCRIPTION, "--since", "2h", "--again", status=1).stderr
    )
    assert typing.asked("start_replay") == []
    typing("replay", SUBSCRIPTION, "--since", "2h", "--again", "--yes")
    assert typing.asked("start_replay")[0]["again"] is True


def test_a_replay_that_failed_says_why_and_how_to_go_on(typing: Typing) -> None:
    replayable(typing, "failed", error={"message_en": "There is no queue.", "message_id": "Antrean tidak ada."})
    result = typing("replay", SUBSCRIPTION, "--since", "2h", status=1)
    assert "There is no queue." in result.stderr
    assert f"./plut events replays {NOBODY} --resume" in result.stderr
    assert "Antrean tidak ada." in typing("replays", NOBODY, language="id_ID.UTF-8", status=1).stderr


def test_an_unknown_subscription_is_told_with_those_there_are(typing: Typing) -> None:
    replayable(typing)
    assert SUBSCRIPTION in typing("replay", "notifications.enterprise", "--since", "2h", status=1).stderr


def published(number: int, **data: Any) -> dict[str, Any]:
    return {"id": str(uuid.UUID(int=number)), "type": TYPE, "unit": "21.71", "subject": NOBODY, "sequence": f"{number:010d}",
            "sent_at": f"2026-11-21T00:00:{number:02d}+00:00", "data": data}  # fmt: skip


def test_tail_puts_the_services_together_in_the_order_of_publishing(typing: Typing) -> None:
    pages = {
        "registry": [published(3, business="Dapur", enterprise=NOBODY), published(1)],
        "notifications": [published(2)],
    }
    for service, items in pages.items():
        page = {"items": items, "next": None, "follow": "x~1"}
        typing.answers[f"{service}.list_published_events"] = lambda *_, page=page: page
    lines = typing("tail", "--no-follow").stdout.splitlines()
    assert [line.split("#")[1].split()[0] for line in lines] == ["1", "2", "3"]
    assert lines[-1].endswith("business=Dapur"), "the subject is not told twice"
    assert not any(asked["body"] for asked in typing.asked("list_published_events"))
    typing("tail", "--no-follow", "--body", "--json", "-n", "1")
    assert typing.asked("list_published_events")[-1]["body"] is True


def test_show_finds_parked_ones_too_and_says_where_else_to_look(typing: Typing) -> None:
    found = failed(1) | {"body": '{"id": 1}'}
    typing.answers["notifications.get_parked_event"] = lambda *_: found
    typing.answers |= dict.fromkeys(("registry.get_failed_event", "registry.get_parked_event"), missing)
    typing.answers["notifications.get_failed_event"] = missing
    shown = json.loads(typing("show", NOBODY).stdout)
    assert (shown["kind"], shown["service"], shown["body"], shown["error"][0]) == (
        "parked", "notifications", {"id": 1}, "ValueError: no",
    )  # fmt: skip
    typing.answers["notifications.get_parked_event"] = missing
    assert f"failed --event {NOBODY}" in typing("show", NOBODY, status=1).stderr


def missing(*_: Any) -> None:
    raise PlutError(NOT_FOUND, "There is none.", "Tidak ada.")
