"""R9: a repeated request is one request."""

from __future__ import annotations

import random
import time
import uuid
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from tests.chaos.crowd import Crowd
from tests.chaos.faults import Storm
from tests.chaos.load import new_name
from tests.chaos.trial import Trial, Try

#: So many send the same request at once.
SIZE = 100
PATH = "/registry/enterprises"


@pytest.mark.slow
def test_a_hundred_identical_requests_are_one_while_processes_are_killed(trial: Try) -> None:
    with trial("R9") as it:
        acts = [
            partial(it.faults.kill, "registry"), partial(it.faults.kill_child, "gateway"), partial(it.faults.kill, "gateway"),
        ]  # fmt: skip
        until, rounds = time.monotonic() + it.seconds, 0
        while not rounds or time.monotonic() < until:
            it.stack.wait_until_whole()
            before = it.faults.total
            crowd, body = _crowd(it)
            crowd.start()
            time.sleep(random.uniform(0.05, 0.9))  # noqa: S311 - a moment at which something is under way
            random.choice(acts)()  # noqa: S311
            with Storm(acts, (5, 9)):
                crowd.wait()
            assert it.faults.total > before, "nothing was killed meanwhile"
            _one_effect(it, crowd, body)
            rounds += 1
            it.say(f"round {rounds}: {len(crowd.answers)} answers, {it.faults.total} faults")
        it.outcome.figures = {"rounds": rounds, "identical requests": SIZE}
        it.settle(60)


def _crowd(it: Trial) -> tuple[Crowd, dict[str, Any]]:
    person = it.people[0]
    body = {"unit": person.account["grants"][0]["scope"], "name": new_name(), "owner": {"name": new_name()}}
    crowd = Crowd(person, PATH, body | {"even_if_similar": True}, str(uuid.uuid4()), SIZE)
    it.count(crowd)
    return crowd, body


def _one_effect(it: Trial, crowd: Crowd, body: dict[str, Any]) -> None:
    """Everybody got the same answer, and it was made once; the key is good for no other request."""
    assert len(crowd.got) == SIZE, f"{SIZE - len(crowd.got)} without an answer: {crowd.statuses()}"
    one = crowd.got[0]
    assert one.status == 201, one
    different = [each for each in crowd.got if replace(each, first=one.first) != one]
    assert not different, (one, different[:2])
    assert sum(each.first for each in crowd.got) <= 1, "only one was answered for the first time"
    with it.stack.connect("registry") as connection:
        made = connection.execute("SELECT id::text FROM enterprise WHERE name = %s", (body["name"],)).fetchall()
        assert made == [(one.body["id"],)]
        for query in (
            "SELECT count(*) FROM plut.outbox WHERE subject = %s",
            "SELECT count(*) FROM plut.audit WHERE subject = %s",
        ):
            assert connection.execute(query, (one.body["id"],)).fetchone() == (1,), query
    it.stack.wait_until_whole()
    headers = {"Idempotency-Key": crowd._key}
    again = it.people[0].ask("POST", PATH, json=body | {"even_if_similar": True}, headers=headers)
    assert (again.status_code, again.json()) == (201, one.body), again.text
    other = it.people[0].ask("POST", PATH, json=body | {"name": new_name()}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-mismatch"), other.text
