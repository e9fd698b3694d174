"""Commands and queries over the broker: answers, refusals, time-outs."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pika
import pytest

from chassis.access import Signer
from contracts.access import OWNER, Grant
from contracts.errors import PlutError
from tests.service.chassis.probe import BATAM, Probe
from tests.stack import eventually


def refusal(probe: Probe, method: str, request: dict[str, object], **options: object) -> PlutError:
    with pytest.raises(PlutError) as caught:
        probe.call(method, request, **options)  # type: ignore[arg-type]
    return caught.value


def test_refusals_name_the_field_and_the_reason(service: Probe) -> None:
    wrong = refusal(service, "count", {"number": "many", "colour": "red"})
    assert (wrong.code, set(wrong.fields)) == ("invalid-request", {"number", "colour"})
    assert refusal(service, "count", {"number": 1, "unit": "12.75"}).code == "out-of-scope"
    assert refusal(service, "nonsense", {}).code == "not-found"
    owner = msgspec.structs.replace(BATAM, grants=(Grant(OWNER, "21.71"),))
    assert refusal(service, "count", {"number": 1}, context=owner).code == "not-allowed"
    failed = refusal(service, "count", {"number": 1, "mood": "fail"})
    assert (failed.code, "secret" in str(failed.to_wire())) == ("internal", False)


def test_a_context_for_another_service_or_with_another_key_is_refused(service: Probe) -> None:
    class Forger:
        def sign(self, _: object, __: str) -> str:
            return Signer(service.settings.access_key_file).sign(BATAM, "registry")

    honest, service.rpc._signer = service.rpc._signer, Forger()
    assert refusal(service, "count_things", {}).code == "not-signed-in"
    service.rpc._signer = honest


def test_a_key_runs_a_command_once_even_at_once(service: Probe) -> None:
    context = msgspec.structs.replace(BATAM, idempotency_key="key-00001")
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda _: service.call("count", {"number": 7}, context), range(40)))
    assert len({reply["subject"] for reply in replies}) == 1
    assert service.rows("SELECT (SELECT count(*) FROM thing), (SELECT count(*) FROM plut.outbox)") == [(1, 1)]
    assert refusal(service, "count", {"number": 8}, context=context).code == "idempotency-mismatch"


def test_waiting_for_the_database_holds_nobody_up(service: Probe) -> None:
    """Psycopg must wait in eventlet's select: five naps of a second take one, not five."""
    started = time.monotonic()
    threads = [threading.Thread(target=service.call, args=("nap", {"seconds": 1})) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - started < 3.5


def test_nobody_waits_for_ever(service: Probe) -> None:
    assert refusal(service, "nap", {"seconds": 30}, timeout=1).code == "deadline-exceeded"
    assert service.call("count_things", {}) == {"things": 0}


def test_requests_that_cannot_be_answered_leave_the_service_alive(service: Probe) -> None:
    with pika.BlockingConnection(pika.URLParameters(service.settings.amqp_url)) as connection:
        channel = connection.channel()
        for body in (b"\xff", b"[]", b"{}", b'{"args": [], "kwargs": {"request": 5}}'):
            channel.basic_publish("nameko-rpc", "probe.count", body)
            channel.basic_publish("nameko-rpc", "probe.count", body, pika.BasicProperties(reply_to="nobody"))
    assert service.call("count_things", {}) == {"things": 0}


def test_a_service_that_is_not_there_is_said_at_once(probe: Probe) -> None:
    started = time.monotonic()
    assert refusal(probe, "count_things", {}).code == "unavailable"
    assert time.monotonic() - started < 3


def test_a_polite_stop_answers_what_was_begun(probe: Probe) -> None:
    process = probe.start("chassis.runtime")
    answers: list[object] = []
    thread = threading.Thread(target=lambda: answers.append(probe.call("nap", {"seconds": 2})))
    thread.start()
    eventually(lambda: probe.rows("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%%'"))
    process.terminate()
    thread.join(10)
    assert answers
    assert process.wait(10) == 0


def test_a_database_that_restarted_costs_at_most_one_request(service: Probe) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: service.call("nap", {"seconds": 0.3}), range(8)))
    service.corner.cut_connections("probe")
    outcomes = []
    for _ in range(8):
        try:
            outcomes.append(service.call("count_things", {}))
        except PlutError as error:
            outcomes.append(error.code)
    assert set(map(str, outcomes[:1])) <= {"unavailable", "{'things': 0}"}
    assert outcomes[1:] == [{"things": 0}] * 7


def test_a_paused_database_holds_nobody_for_ever(service: Probe) -> None:
    (pids,) = zip(
        *service.rows(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'plut-probe'"
        ),
        strict=True,
    )
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    started = time.monotonic()
    try:
        for _ in range(3):
            with contextlib.suppress(PlutError):
                service.call("count_things", {}, timeout=12)
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
    assert time.monotonic() - started < 36
    assert eventually(lambda: service.call("count_things", {}), 10) == {"things": 0}


def test_operators_mend_failed_events(service: Probe) -> None:
    # of a subscription that nobody has, so that no worker tries it meanwhile
    service.rows(
        "INSERT INTO plut.failed_event (id, subscription, body, error, attempts, failed_at, state)"
        " VALUES (gen_random_uuid(), 'probe.nobody', 'x', 'why', 6, now(), 'dead') RETURNING 1"
    )
    operator = msgspec.structs.replace(BATAM, grants=(Grant("operator", ""),))
    assert refusal(service, "list_failed_events", {}).code == "not-allowed"
    (listed,) = service.call("list_failed_events", {"state": "dead"}, operator)["items"]
    assert service.call("get_failed_event", {"id": listed["id"]}, operator)["body"] == "x"
    assert service.call("drop_failed_events", {"ids": [listed["id"]]}, operator) == {"count": 1}
    assert service.call("retry_failed_events", {"state": "dropped"}, operator) == {"count": 1}
    assert service.rows("SELECT state, attempts FROM plut.failed_event") == [("waiting", 0)]
    assert service.rows("SELECT count(*) FROM plut.audit WHERE action LIKE 'failed-event.%%'") == [(3,)]
