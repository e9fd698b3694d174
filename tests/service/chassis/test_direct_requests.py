"""A service's own port: asked without a broker, and what happens when it isn't there."""

from __future__ import annotations

import dataclasses
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests

from chassis import direct
from chassis.rpc_client import RpcClient
from contracts.errors import PlutError
from deploy.local import ports
from deploy.local.stack import LocalStack
from tests.service.chassis.probe import BATAM, Probe, shared_probe
from tests.stack import Corner, eventually

NOWHERE = "amqp://guest:guest@127.0.0.1:1/%2F"
NAPPING = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%%' AND state = 'active'"


@pytest.fixture(scope="module")
def answering(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probe]:
    """The probe with a port, answering, for the tests that end nothing."""
    with shared_probe(stack, tmp_path_factory.mktemp("probe"), port=ports.reserve()) as one:
        one.start("chassis.runtime")
        yield one


@pytest.fixture
def service(answering: Probe) -> Probe:
    """The answering probe, with empty tables."""
    answering.database.execute("TRUNCATE thing")
    return answering


@pytest.fixture
def probe(corner: Callable[..., Corner], tmp_path: Path) -> Iterator[Probe]:
    """The probe with a port, not running yet."""
    one = Probe(corner(), tmp_path, port=ports.reserve())
    yield one
    one.close()


def test_the_broker_may_be_away(service: Probe) -> None:
    lonely = RpcClient(dataclasses.replace(service.settings, amqp_url=NOWHERE), name="lonely")
    try:
        started = time.monotonic()
        for number in range(20):
            lonely.request("probe", "count", {"number": number}, BATAM)
        assert time.monotonic() - started < 2
        assert lonely.request("probe", "count_things", {}, BATAM).result == {"things": 20}
    finally:
        lonely.close()


def test_a_request_waits_in_the_queue_for_a_service_that_restarts(probe: Probe) -> None:
    process = probe.start("chassis.runtime")
    assert probe.call("count_things", {}) == {"things": 0}
    process.terminate()
    assert process.wait(25) == 0
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(probe.call("count", {"number": 1}, timeout=20)))
    thread.start()
    probe.start("chassis.runtime")
    thread.join(20)
    assert answers
    assert probe.rows("SELECT count(*) FROM thing") == [(1,)]


def test_what_was_lost_on_the_way_is_asked_again_only_where_that_is_harmless(probe: Probe) -> None:
    outcomes: dict[str, Any] = {}

    def ask(name: str, *, repeatable: bool) -> None:
        try:
            outcomes[name] = probe.call("nap", {"seconds": 3}, timeout=20, repeatable=repeatable)
        except PlutError as error:
            outcomes[name] = error.code

    process = probe.start("chassis.runtime")
    threads = [threading.Thread(target=ask, args=(f"{yes}",), kwargs={"repeatable": yes}) for yes in (True, False)]
    for thread in threads:
        thread.start()
    eventually(lambda: len(probe.rows(NAPPING)) == 2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    probe.start("chassis.runtime")
    for thread in threads:
        thread.join(25)
    assert outcomes["False"] == "unavailable"
    assert outcomes["True"] not in ("unavailable", "deadline-exceeded")


def test_a_key_has_one_effect_whatever_ways_the_request_took(service: Probe) -> None:
    context = msgspec.structs.replace(BATAM, idempotency_key="key-00002")
    over_broker = RpcClient(dataclasses.replace(service.settings, rpc_urls=""), name="queue")
    try:
        first = service.call("count", {"number": 3}, context)
        again = over_broker.request("probe", "count", {"number": 3}, context)
        assert (again.result, again.replayed) == (first, True)
    finally:
        over_broker.close()
    assert service.rows("SELECT count(*) FROM thing") == [(1,)]


def test_a_polite_stop_answers_what_was_begun_and_takes_nothing_new(probe: Probe) -> None:
    process = probe.start("chassis.runtime")
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(probe.call("nap", {"seconds": 2})))
    thread.start()
    eventually(lambda: probe.rows(NAPPING))
    process.terminate()
    thread.join(10)
    assert answers
    assert process.wait(10) == 0


def test_replicas_share_the_port(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    processes = [probe.start("chassis.runtime") for _ in range(2)]
    assert probe.call("count_things", {}) == {"things": 0}
    # a client that has its connection already finds the other one, too
    monkeypatch.setattr(direct, "LIFETIME", 0)
    for _ in range(40):
        probe.call("count_things", {})
    assert all(answered(probe.ports[process.pid]) for process in processes)
    processes[0].terminate()
    processes[0].wait(25)
    for _ in range(10):
        assert probe.call("count_things", {}) == {"things": 0}


def answered(port: int) -> bool:
    """Whether a process has answered anything."""
    return "plut_rpc_seconds_count" in requests.get(f"http://127.0.0.1:{port}/metrics", timeout=30).text


def test_nobody_gets_in_without_a_signed_context(service: Probe) -> None:
    url = dict(pair.split("=", 1) for pair in service.settings.rpc_urls.split(","))["probe"]
    body = b'{"args": [], "kwargs": {"request": {}}}'

    def refusal(method: str, data: bytes, **headers: str) -> str:
        answer = requests.post(f"{url}/{method}", data=data, headers=headers, timeout=30)
        return PlutError.from_wire(answer.json()["error"]).code

    assert refusal("count_things", body) == "not-signed-in"
    assert refusal("nonsense", body) == "not-found"
    assert refusal("count_things", body, **{"plut-deadline": "soon", "plut-access": "nonsense"}) == "not-signed-in"
    for wrong in (b"", b"\xff", b"[]", b'{"kwargs": 5}'):
        assert refusal("count_things", wrong) == "not-signed-in"
    assert requests.get(f"{url}/count_things", timeout=30).status_code == 400
    assert service.call("count_things", {}) == {"things": 0}
