"""The gateway as a process: what it answers when what it needs is away, and to clients that behave badly."""

from __future__ import annotations

import json
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import pytest

from deploy.local.stack import LocalStack
from gateway.slow_clients import BODY, HEAD
from tests.service.gateway.gunicorn import Process, bootstrap, gunicorn
from tests.stack import Corner, eventually


@pytest.fixture(scope="module")
def process(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    corner = Corner(stack, "gateway")
    corner.make()
    environment = corner.environment | {"PLUT_GATEWAY_WORKERS": "1"}
    token = json.loads(bootstrap(environment))["token"]
    with gunicorn(environment, token, tmp_path_factory.mktemp("gateway") / "log") as running:
        yield running
    corner.remove()


def test_it_is_ready_without_services_and_says_which_are_away(process: Process) -> None:
    state = process.request("GET", "/readyz")
    assert state.status_code == 200
    assert state.json()["checks"] == {"database": True, "broker": True}
    assert set(state.json()["services"].values()) == {False}
    page = process.request("GET", "/")
    assert page.status_code == 200
    assert "away" in page.text


def test_a_service_that_is_away_is_a_503_with_retry_after(process: Process) -> None:
    started = time.monotonic()
    answer = process.request("GET", "/api/v1/registry/units")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert time.monotonic() - started < 5


def test_a_body_that_is_too_large_gets_its_answer(process: Process) -> None:
    json_body = process.request(
        "POST", "/api/v1/accounts", data=b"x" * 3_000_000, headers={"Content-Type": "application/json"}
    )
    assert json_body.status_code == 413
    assert "1 MiB" in json_body.json()["detail"]
    upload = process.request(
        "POST", "/api/v1/registry/imports", files={"file": b"x" * (65 * 2**20)}, data={"unit": "21.71"}
    )
    assert upload.status_code == 413
    assert "64 MiB" in upload.json()["detail"]


def test_a_large_upload_is_not_held_in_memory_and_leaves_no_file_open(process: Process) -> None:
    worker = psutil.Process(process.popen.pid).children()[0]
    before, files = worker.memory_info().rss, open_files(worker)
    for _ in range(3):
        upload = {"files": {"file": b"x" * (60 * 2**20)}, "data": {"unit": "21.71"}}
        answer = process.request("POST", "/api/v1/registry/imports", **upload)
        assert answer.status_code == 503, answer.text  # there is no registry here
    assert worker.memory_info().rss - before < 40 * 2**20
    # connections to the database may have come meanwhile; files may not stay
    eventually(lambda: open_files(worker) <= files)


def open_files(process: psutil.Process) -> int:
    """Files that a process holds open, removed ones included; no sockets, no pipes."""
    folder = Path(f"/proc/{process.pid}/fd")
    links = []
    for entry in folder.iterdir():
        with suppress(FileNotFoundError):
            links.append(str(entry.readlink()))
    return sum(link.startswith("/") and not link.startswith("/dev/") for link in links)


def test_metrics_are_those_of_all_workers(process: Process) -> None:
    process.request("GET", "/api/v1/me")
    found = process.request("GET", "/metrics").text
    assert 'plut_http_seconds_count{method="GET",route="/api/v1/me",status="200"}' in found


def test_broken_http_does_no_harm(process: Process) -> None:
    for sent in (
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
        b"\x16\x03\x01\x00\xff",
        b"GET /" + b"x" * 9000,
    ):
        with socket.create_connection(("127.0.0.1", process.port), timeout=10) as client:
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):
                pass
    assert process.request("GET", "/healthz").ok


@pytest.mark.slow
def test_a_client_that_stops_sending_is_let_go(process: Process) -> None:
    head = (
        f"POST /api/v1/accounts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {process.token}\r\n"
        "Idempotency-Key: 12345678\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    )
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", process.port), timeout=25) as client:
        client.sendall(head.encode())
        answer = client.recv(65536)
    assert answer.startswith(b"HTTP/1.1 408")
    assert time.monotonic() - started < 20


@pytest.mark.slow
@pytest.mark.parametrize("sent", ["head", "body"])
def test_clients_that_send_a_byte_a_second_keep_no_thread(process: Process, sent: str) -> None:
    """As many as there are threads: everybody else is answered soon, and the slow ones are let go."""
    head = (
        f"POST /api/v1/accounts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {process.token}\r\n"
        "Idempotency-Key: 12345678\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n"
    )
    begun = (head if sent == "head" else f"{head}\r\n{{").encode()
    longest = (HEAD if sent == "head" else BODY) + 8
    with ExitStack() as held:
        clients = [
            held.enter_context(socket.create_connection(("127.0.0.1", process.port), timeout=5)) for _ in range(16)
        ]
        for client in clients:
            client.sendall(begun)
            client.setblocking(False)
        started, waiting = time.monotonic(), set(clients)
        while waiting and time.monotonic() - started < longest:
            time.sleep(1)
            waiting = {client for client in waiting if _goes_on(client)}
        assert not waiting, f"{len(waiting)} are still held after {longest:.0f} s"
        assert process.request("GET", "/api/v1/me").status_code == 200


def _goes_on(client: socket.socket) -> bool:
    """Send one byte more; False once the gateway has answered or closed."""
    try:
        client.send(b"a")
        return client.recv(65536) == b"\0"
    except BlockingIOError:
        return True
    except OSError:
        return False


def test_nothing_secret_and_no_trace_has_been_written(process: Process) -> None:
    written = process.log.read_text()
    assert process.token not in written
    assert "Traceback" not in written
    assert all(json.loads(line) for line in written.splitlines() if line.startswith("{"))


def test_it_stops_when_it_is_told_to(process: Process) -> None:
    started = time.monotonic()
    process.popen.send_signal(signal.SIGTERM)
    assert process.popen.wait(25) == 0
    assert time.monotonic() - started < 25
