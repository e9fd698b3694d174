"""Replays: what a subscription has missed, or all once more, to nobody else, through kills, stops and absences."""

from __future__ import annotations

import signal
import subprocess
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
import requests

from chassis import jobs
from chassis.database import Database
from chassis.unit_of_work import UnitOfWork
from contracts.access import NATIONAL, AccessContext, Grant
from contracts.errors import PlutError
from deploy.local import broker
from tests.service.chassis.operator import BULK, EACH, TYPE, WHO, ago, ask, audits, effects, publish
from tests.service.chassis.probe import Probe
from tests.stack import eventually


def queue_of(probe: Probe, subscription: str) -> str:
    (queue,) = (each["queue"] for each in ask(probe, "list_subscriptions")["items"] if each["name"] == subscription)
    return str(queue)


def window(probe: Probe, subscription: str = EACH, **more: Any) -> dict[str, Any]:
    """The last hour, for one subscription."""
    targets = [{"type": TYPE, "queue": queue_of(probe, subscription)}]
    return {"subscription": subscription, "targets": targets, "since": ago(hours=1), **more}


def start(probe: Probe, subscription: str = EACH, *, rate: int = 500, **more: Any) -> str:
    return str(ask(probe, "start_replay", **window(probe, subscription, rate=rate, **more))["id"])


def replay(probe: Probe, job: str) -> Any:
    return ask(probe, "get_replay", id=job)


def ended(probe: Probe, job: str, state: str = "succeeded", seconds: float = 30) -> Any:
    eventually(lambda: replay(probe, job)["state"] in {"succeeded", "failed", "stopped"}, seconds)
    found = replay(probe, job)
    assert found["state"] == state, found
    return found


def taken(probe: Probe, *numbers: int, unit: str = "21.71") -> list[str]:
    """Events that both subscriptions have taken."""
    before = len(effects(probe)), len(effects(probe, "bulk"))
    events = publish(probe, *numbers, unit=unit)
    wanted = before[0] + len(numbers), before[1] + len(numbers)
    eventually(lambda: (len(effects(probe)), len(effects(probe, "bulk"))) == wanted)
    eventually(lambda: probe.rows("SELECT count(*) FROM plut.outbox WHERE sent_at IS NULL") == [(0,)])
    return events


def lose(probe: Probe, subscription: str, *events: str) -> None:
    """Have a subscription miss events: as if they had never come."""
    handler = "each" if subscription == EACH else "bulk"
    probe.rows(
        "DELETE FROM plut.inbox WHERE subscription = %s AND event_id = ANY(%s) RETURNING 1", subscription, list(events)
    )
    probe.rows("DELETE FROM effect WHERE handler = %s AND event_id = ANY(%s) RETURNING 1", handler, list(events))


def missed(probe: Probe, subscription: str = EACH) -> list[str]:
    ids = ask(probe, "list_published_ids", **window(probe, subscription))["items"]
    found: list[str] = ask(probe, "find_missed_events", subscription=subscription, ids=ids)["missed"]
    return found


def test_what_was_missed_is_mended_and_nothing_else_happens(service: Probe) -> None:
    events = taken(service, *range(10))
    lose(service, EACH, events[3], events[7])
    lose(service, BULK, events[5])
    assert missed(service) == [events[3], events[7]]
    plan = ask(service, "plan_replay", **window(service))
    assert (plan["types"], plan["events"]) == ([TYPE], 10)
    job = start(service)
    found = ended(service, job)
    assert (found["done"], found["total"], found["subscription"], found["again"]) == (10, 10, EACH, False)
    eventually(lambda: effects(service) == list(range(10)))
    assert missed(service) == []
    assert missed(service, BULK) == [events[5]], "the other subscription gets nothing"
    assert effects(service, "bulk") == [0, 1, 2, 3, 4, 6, 7, 8, 9]
    ((account, subject, detail),) = audits(service, "replay.started")
    assert (account, subject, detail["subscription"], detail["events"]) == (WHO.account, job, EACH, 10)
    assert ask(service, "list_replays")["items"][0]["id"] == job


def test_again_repeats_each_effect_once_per_replay(service: Probe) -> None:
    taken(service, 1, 2, 3)
    for _ in range(2):
        ended(service, start(service, again=True))
    eventually(lambda: effects(service) == [1, 1, 1, 2, 2, 2, 3, 3, 3])
    assert effects(service, "bulk") == [1, 2, 3]


def test_only_what_is_in_the_window_and_the_unit(service: Probe) -> None:
    early = taken(service, 1, 2)
    between = service.rows("SELECT max(sent_at) + interval '1 microsecond' FROM plut.outbox")[0][0]
    late, elsewhere = taken(service, 3), taken(service, 4, unit="21.72")
    lose(service, EACH, *early, *late, *elsewhere)
    ended(service, start(service, since=between.isoformat(), unit="21.72"))
    eventually(lambda: effects(service) == [4])
    ended(service, start(service, until=between.isoformat()))
    eventually(lambda: effects(service) == [1, 2, 4])


def test_what_is_not_published_yet_and_what_was_given_up_is_no_part_of_it(service: Probe) -> None:
    (event,) = publish(service, 1, key="x" * 300)
    eventually(lambda: ask(service, "list_parked_events")["items"])
    assert ask(service, "plan_replay", **window(service))["events"] == 0
    ask(service, "drop_parked_events", ids=[event], reason="a test")
    assert ask(service, "plan_replay", **window(service))["events"] == 0


def test_the_rate_is_kept(service: Probe) -> None:
    taken(service, *range(60))
    found = ended(service, start(service, rate=40))
    service_time = service.rows("SELECT finished_at - started_at FROM plut.job WHERE id = %s", found["id"])[0][0]
    # the last window needs no pause after it, and windows are a quarter of a second's events
    assert service_time >= timedelta(seconds=60 / 40 - 0.25)


@pytest.mark.parametrize(
    ("how", "field"), [({"since": {"days": 31}}, "since"), ({"since": {"hours": 1}, "until": {"hours": 2}}, "until")]
)
def test_a_window_that_cannot_be_replayed_is_refused(service: Probe, how: dict[str, Any], field: str) -> None:
    when = {name: ago(**long) for name, long in how.items()}
    for method, more in (("plan_replay", {}), ("start_replay", {"rate": 1})):
        with pytest.raises(PlutError) as refusal:
            ask(service, method, **window(service) | when, **more)
        assert refusal.value.code == "invalid-request"
        assert list(refusal.value.fields) == [field]


def test_days_that_the_inbox_has_forgotten_are_left_out_unless_effects_are_to_be_repeated(service: Probe) -> None:
    (event,) = taken(service, 1)
    # written long ago, published late: the inbox would take it for new
    service.rows("UPDATE plut.outbox SET created_at = now() - interval '31 days' RETURNING 1")
    lose(service, EACH, event)
    assert ended(service, start(service))["done"] == 0
    assert ended(service, start(service, again=True))["done"] == 1
    eventually(lambda: effects(service) == [1])


def test_a_queue_that_is_not_there_fails_the_replay_which_goes_on_when_it_is(service: Probe) -> None:
    events = taken(service, 1, 2)
    lose(service, EACH, *events)
    targets = [{"type": TYPE, "queue": "probe.nobody"}]
    job = start(service, targets=targets)
    error = ended(service, job, "failed")["error"]
    assert "no queue probe.nobody" in error["message_en"]
    service.rows(
        "UPDATE plut.job SET params = jsonb_set(params, '{targets,0,queue}', to_jsonb(%s::text)) WHERE id = %s RETURNING 1",
        queue_of(service, EACH), job,
    )  # fmt: skip
    ask(service, "resume_replay", id=job)
    ended(service, job)
    eventually(lambda: effects(service) == [1, 2])


def test_nobody_but_operators_sees_or_stops_one(service: Probe) -> None:
    job = UUID(start(service))
    ended(service, str(job))
    ministry = AccessContext(account="0190-ministry", name="Ministry", grants=(Grant(NATIONAL, ""),))
    database = Database(service.settings, "probe")
    with UnitOfWork(database, ministry) as uow:
        assert jobs.list_jobs(uow) == []
        for act in (jobs.get_job, jobs.stop_job, jobs.resume_job):
            with pytest.raises(PlutError, match="not-found"):
                act(uow, job)
    with UnitOfWork(database, WHO) as uow:
        assert jobs.get_job(uow, job)["state"] == "succeeded"
    database.close()


def test_stopped_it_goes_on_where_it_was(service: Probe) -> None:
    taken(service, *range(80))
    job = start(service, rate=40, again=True)
    eventually(lambda: replay(service, job)["done"] > 0)
    ask(service, "stop_replay", id=job)
    stopped = ended(service, job, "stopped")
    assert 0 < stopped["done"] < 80
    ask(service, "resume_replay", id=job)
    assert ended(service, job)["done"] == 80
    eventually(lambda: effects(service) == sorted([*range(80), *range(80)]))
    assert [each[1] for each in audits(service, "job.stopped") + audits(service, "job.resumed")] == [job, job]
    with pytest.raises(PlutError, match="version-conflict"):
        ask(service, "stop_replay", id=job)


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_that_ends_in_the_middle_loses_and_repeats_nothing(probe: Probe, stop: signal.Signals) -> None:
    probe.start("chassis.runtime")
    probe.start("chassis.relay")
    worker = probe.start("chassis.worker")
    events = taken(probe, *range(200))
    lose(probe, EACH, *events[::2])
    replays = [start(probe, rate=100), start(probe, BULK, rate=100, again=True)]
    eventually(lambda: replay(probe, replays[0])["done"] > 20)
    end(worker, stop)
    probe.start("chassis.worker")
    for job in replays:
        assert ended(probe, job, seconds=60)["done"] == 200
    eventually(lambda: effects(probe) == list(range(200)))
    eventually(lambda: effects(probe, "bulk") == sorted([*range(200), *range(200)]))


def end(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    process.send_signal(how)
    process.wait(25)


def test_the_broker_may_be_away_meanwhile(probe: Probe) -> None:
    probe.start_all()
    events = taken(probe, *range(600))
    lose(probe, EACH, *events)
    job = start(probe, rate=50)
    eventually(lambda: replay(probe, job)["done"] > 0)
    # the management interface learns of a connection some seconds late
    eventually(lambda: "replay" in break_all_links(probe))
    assert ended(probe, job, seconds=60)["done"] == 600
    eventually(lambda: effects(probe) == list(range(600)))


def break_all_links(probe: Probe) -> str:
    """Close every connection of the probe's; returns what they were called."""
    stack = probe.corner.stack
    api = f"{broker.management_url(stack.ports, stack.passwords)}/api"
    links = requests.get(f"{api}/vhosts/{probe.corner.name}/connections", timeout=10).json()
    for link in links:
        requests.delete(f"{api}/connections/{quote(link['name'], safe='')}", timeout=10)
    return " ".join(link["client_properties"].get("connection_name", "") for link in links)
