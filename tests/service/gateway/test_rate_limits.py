"""Limits of requests: what callers are told, whom they hold for, and that several processes keep to one of them."""

from __future__ import annotations

import json
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from werkzeug.test import TestResponse

from chassis.database import Database
from deploy.local.stack import LocalStack
from gateway.app import create_app
from gateway.leases import UNCHECKED, Leases, Policy
from tests.service.gateway.conftest import Gateway, a_unit
from tests.service.gateway.gunicorn import bootstrap, gunicorn
from tests.stack import Corner, eventually


@pytest.fixture
def limited(gateway: Gateway) -> Gateway:
    """The same gateway with limits that a test can reach; an address has a minute of its own in each test."""
    settings = replace(gateway.held.settings, rate_limit_account=4, rate_limit_unit=6, rate_limit_address=3)
    held = replace(gateway.held, settings=settings, leases=Leases(gateway.held.database))
    wait_for_a_new_minute(held.database)
    return replace(gateway, held=held, app=create_app(settings, held))


def wait_for_a_new_minute(database: Database) -> None:
    """A minute that has begun long ago could end in the middle of a test."""
    with database.engine.connect() as connection:
        eventually(lambda: connection.exec_driver_sql("SELECT extract(second FROM clock_timestamp()) < 40").scalar())


def limits(answer: TestResponse) -> dict[str, tuple[int, int]]:
    """`RateLimit` as policy → (left, seconds)."""
    found = re.findall(r'"(\w+)";r=(\d+);t=(\d+)', answer.headers["RateLimit"])
    return {name: (int(left), int(seconds)) for name, left, seconds in found}


def test_every_answer_says_where_somebody_stands(limited: Gateway) -> None:
    staff = limited.make("staff", a_unit())["token"]
    answer = limited.request("GET", "/me", staff)
    assert answer.headers["RateLimit-Policy"] == '"account";q=4;w=60, "unit";q=6;w=60'
    assert {name: left for name, (left, _) in limits(answer).items()} == {"account": 3, "unit": 5}
    assert all(0 < seconds <= 60 for _, seconds in limits(answer).values())
    assert limits(limited.request("GET", f"/accounts/{uuid4()}", staff))["account"][0] == 2


def test_beyond_it_is_a_429_that_says_when_to_come_again(limited: Gateway) -> None:
    staff = limited.make("staff", a_unit())["token"]
    answers = [limited.request("GET", "/me", staff) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 2
    problem = answers[-1].json
    assert problem is not None
    assert problem["code"] == "too-many-requests"
    assert problem["params"]["policy"] == "account"
    assert limits(answers[-1])["account"] == (0, int(answers[-1].headers["Retry-After"]))
    assert limited.request("GET", "/me", limited.make("staff", a_unit())["token"]).status_code == 200


def test_accounts_of_a_unit_share_its_limit(limited: Gateway) -> None:
    unit = a_unit()
    one, other = (limited.make("staff", unit)["token"] for _ in range(2))
    assert [limited.request("GET", "/me", one).status_code for _ in range(4)] == [200] * 4
    refused = [limited.request("GET", "/me", other) for _ in range(3)]
    assert [answer.status_code for answer in refused] == [200, 200, 429]
    assert (refused[-1].json or {})["params"]["policy"] == "unit"


def test_the_nation_is_no_unit(limited: Gateway) -> None:
    national = limited.make("operator", "")["token"]
    assert set(limits(limited.request("GET", "/me", national))) == {"account"}


def test_without_a_sign_in_an_address_is_counted_and_probes_are_not(limited: Gateway) -> None:
    def ask(path: str, address: str, **headers: str) -> TestResponse:
        return limited.client.get(path, environ_base={"REMOTE_ADDR": address}, headers=headers)

    address = f"2001:db8:{uuid4().hex[:4]}::"
    seen = [ask("/api/v1/me", f"{address}{number}").status_code for number in range(1, 5)]
    assert seen == [401, 401, 401, 429], "one network is one address"
    assert ask("/api/v1/nowhere", f"{address}1").status_code == 429
    assert ask("/api/v1/me", f"{address}1", Authorization=f"Bearer {limited.operator}").status_code == 200
    assert {ask("/healthz", f"{address}1").status_code for _ in range(9)} == {200}


def test_zero_turns_a_limit_off(limited: Gateway) -> None:
    settings = replace(limited.held.settings, rate_limit_account=0)
    held = replace(limited.held, settings=settings)
    free = replace(limited, held=held, app=create_app(settings, held))
    answers = [free.request("GET", "/me") for _ in range(6)]
    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit" not in answers[0].headers


def test_a_database_that_is_away_refuses_nobody(gateway: Gateway) -> None:
    settings = replace(gateway.held.settings, database_url_template="postgresql://nobody@127.0.0.1:1/{service}")
    leases = Leases(Database(settings, "gateway"))
    before = UNCHECKED.labels("account")._value.get()
    assert [leases.take(Policy("account", 1), "somebody") for _ in range(3)] == [None] * 3
    assert UNCHECKED.labels("account")._value.get() == before + 3


def test_most_requests_write_nothing(gateway: Gateway) -> None:
    database = gateway.held.database
    wait_for_a_new_minute(database)
    leases, who = Leases(database), uuid4().hex
    assert all(standing.allowed for _ in range(300) if (standing := leases.take(Policy("account", 600), who)))
    with database.engine.connect() as connection:
        taken = connection.exec_driver_sql("SELECT taken FROM rate_window WHERE name LIKE %s", (f"%{who}",)).scalar()
    assert taken == 300, "ten leases of thirty"


def test_threads_and_processes_never_get_more_than_the_limit(gateway: Gateway) -> None:
    wait_for_a_new_minute(gateway.held.database)
    policy, who = Policy("account", 200), uuid4().hex
    processes = [Leases(gateway.held.database) for _ in range(3)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda number: processes[number % 3].take(policy, who), range(600)))
    granted = sum(standing.allowed for standing in found if standing)
    assert 200 - 2 * policy.block <= granted <= 200


@pytest.mark.slow
def test_two_gateways_on_one_database_keep_to_one_limit(stack: LocalStack, tmp_path: Path) -> None:
    corner = Corner(stack, "gateway")
    corner.make()
    limit, workers = 60, 2
    environment = corner.environment | {
        "PLUT_RATE_LIMIT_ACCOUNT": str(limit),
        "PLUT_GATEWAY_WORKERS": str(workers),
    }
    token = json.loads(bootstrap(environment))["token"]
    with gunicorn(environment, token, tmp_path / "one") as one, gunicorn(environment, token, tmp_path / "two") as two:
        with corner.connect("gateway") as connection:
            minute = the_minute(connection)
            with ThreadPoolExecutor(4) as pool:
                answers = list(pool.map(lambda turn: (one, two)[turn % 2].request("GET", "/api/v1/me"), range(120)))
            assert the_minute(connection, fresh=False) == minute, "it took too long to say anything"
        statuses = Counter(answer.status_code for answer in answers)
        assert set(statuses) == {200, 429}
        # each other process may hold a block that it doesn't use
        assert limit - (2 * workers - 1) * Policy("account", limit).block <= statuses[200] <= limit
        metrics = one.request("GET", "/metrics").text + two.request("GET", "/metrics").text
        refused = re.findall(r'plut_rate_limited_total{policy="account"} ([0-9.]+)', metrics)
        assert sum(map(float, refused)) >= statuses[429]
    corner.remove()


def the_minute(connection: psycopg.Connection[tuple[int]], *, fresh: bool = True) -> int:
    """The minute of the database's clock; a fresh one has most of its time before it."""

    def now() -> tuple[int, bool]:
        query = "SELECT floor(extract(epoch FROM clock_timestamp()) / 60)::bigint, extract(second FROM clock_timestamp()) < 30"
        row = connection.execute(query).fetchone()
        assert row is not None
        return row  # type: ignore[return-value]

    return eventually(lambda: (found := now())[1] and found)[0] if fresh else now()[0]
