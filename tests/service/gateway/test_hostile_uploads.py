"""Uploads that mean harm, byte by byte over a socket, to a gateway as it runs: each gets its answer, and nothing is kept."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from deploy.local.stack import LocalStack
from tests.service.gateway.gunicorn import Process, bootstrap, gunicorn
from tests.stack import Corner

BOUNDARY = "x-plut"
CSV = b"nama usaha;pemilik\nDapur;Sri\n"


@dataclass
class Target:
    """The process, and the folder that uploads would be kept in."""

    process: Process
    uploads: Path

    def post(self, body: Iterable[bytes], length: int | None = None, *headers: str) -> tuple[int, dict[str, Any]]:
        """What comes back for a multipart body, sent as it is; a server may answer before it has all of it."""
        pieces = list(body)
        head = [
            "POST /api/v1/registry/imports HTTP/1.1",
            "Host: plut",
            "Connection: close",
            f"Authorization: Bearer {self.process.token}",
            f"Idempotency-Key: hostile-{time.monotonic_ns()}",
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
            f"Content-Length: {sum(map(len, pieces)) if length is None else length}",
            "Accept-Language: en",
            *headers,
        ]
        answer = b""
        with socket.create_connection(("127.0.0.1", self.process.port), timeout=40) as client:
            with suppress(BrokenPipeError, ConnectionResetError):
                for piece in ("\r\n".join(head).encode() + b"\r\n\r\n", *pieces):
                    client.sendall(piece)
            with suppress(ConnectionResetError):
                while piece := client.recv(65536):
                    answer += piece
        first, _, rest = answer.partition(b"\r\n\r\n")
        assert first, "no answer at all"
        body_text = rest.decode(errors="replace")
        return int(first.split()[1]), json.loads(body_text) if body_text.startswith("{") else {}

    def kept(self) -> list[str]:
        """Files that stand in the store."""
        return [str(path.relative_to(self.uploads)) for path in self.uploads.rglob("*") if path.is_file()]

    def memory(self) -> int:
        """What the worker uses, in bytes."""
        return int(psutil.Process(self.process.popen.pid).children()[0].memory_info().rss)


def part(name: str, content: bytes, filename: str | None = None, *more: bytes) -> bytes:
    told = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename is not None else "")
    head = b"\r\n".join([b"Content-Disposition: " + told.encode(), *more])
    return f"--{BOUNDARY}\r\n".encode() + head + b"\r\n\r\n" + content + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()
UNIT = part("unit", b"21.71")


@pytest.fixture(scope="module")
def target(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    corner = Corner(stack, "gateway")
    corner.make()
    environment = corner.environment | {"PLUT_GATEWAY_WORKERS": "1"}
    token = json.loads(bootstrap(environment))["token"]
    with gunicorn(environment, token, tmp_path_factory.mktemp("hostile") / "log") as process:
        yield Target(process, Path(urlsplit(environment["PLUT_FILES_URL"]).path))
        log = process.log.read_text()
        assert "Traceback" not in log
    corner.remove()


@pytest.fixture(autouse=True)
def nothing_is_kept(target: Target) -> Iterator[None]:
    """What is refused at the edge never comes to the store, and the next one is served."""
    before = target.kept()
    yield
    assert target.kept() == before
    assert target.process.request("GET", "/healthz").ok


@pytest.mark.parametrize(
    ("filename", "content", "status"),
    [
        ("data.csv", b"<script>alert(document.cookie)</script>", 415),
        ("data.csv", b"#!/bin/sh\nrm -rf /\n", 415),
        ("data.xlsx", b"MZ" + b"\0" * 400, 415),
        ("data.xlsx", CSV, 415),
        ("data.csv", b"PK\x03\x04" + b"\0" * 40, 415),
        ("data.xlsx\x00.csv", b"PK\x03\x04" + b"\0" * 40, 415),
        ("data.exe", CSV, 415),
        ("data.csv", b"", 422),
    ],
)
def test_what_is_no_table_is_refused_before_it_is_kept(
    target: Target, filename: str, content: bytes, status: int
) -> None:
    answered, problem = target.post([UNIT, part("file", content, filename), END])
    assert answered == status
    assert problem["errors"]["file"]
    assert problem["code"] == {415: "unsupported-media-type", 422: "invalid-request"}[status]


def test_a_thousand_parts_are_too_many(target: Target) -> None:
    status, problem = target.post([part(f"field{number}", b"x") for number in range(1000)] + [END])
    assert (status, problem["code"]) == (413, "too-large")


def test_a_field_of_a_form_is_not_held_in_memory_without_end(target: Target) -> None:
    before = target.memory()
    status, _ = target.post([part("unit", b"2" * (40 * 2**20)), END])
    assert status == 413
    assert target.memory() - before < 20 * 2**20


def test_headers_of_a_part_are_not_held_in_memory_without_end(target: Target) -> None:
    before = target.memory()
    status, _ = target.post([part("file", CSV, "data.csv", b"X-More: " + b"y" * (40 * 2**20)), END])
    assert status in (400, 413, 422)
    assert target.memory() - before < 20 * 2**20


@pytest.mark.parametrize(
    "headers",
    [[f"X-{number}: y" for number in range(200)], ["X-Long: " + "y" * 20_000]],
    ids=["many", "long"],
)
def test_headers_of_a_request_have_their_limits(target: Target, headers: list[str]) -> None:
    status, _ = target.post([UNIT, END], None, *headers)
    assert status in (400, 431)


@pytest.mark.parametrize(
    "body",
    [b"", b"--", b"--" + BOUNDARY.encode(), UNIT, UNIT + b"--y--\r\n", part("file", CSV, "data.csv")],
    ids=["nothing", "dashes", "half a boundary", "no end", "another end", "no unit"],
)
def test_a_form_that_breaks_off_is_no_failure_of_ours(target: Target, body: bytes) -> None:
    status, problem = target.post([body])
    assert status in (400, 422), problem


def test_a_length_that_is_a_lie_is_refused_at_once(target: Target) -> None:
    status, problem = target.post([UNIT], 10**12)
    assert (status, problem["code"]) == (413, "too-large")


@pytest.mark.slow
def test_a_file_that_stops_arriving_is_let_go_and_leaves_nothing(target: Target) -> None:
    started = time.monotonic()
    status, problem = target.post([UNIT, part("file", CSV * 1000, "data.csv")], 2**20)
    assert (status, problem["code"]) == (408, "request-timeout")
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    "filename", ["../../../../etc/cron.d/x.csv", "/etc/passwd.csv", "..\\..\\x.csv", "%2e%2e%2fx.csv", "con.csv"]
)
def test_a_name_with_folders_names_no_folder(target: Target, filename: str) -> None:
    before = set(target.kept())
    status, _ = target.post([UNIT, part("file", CSV + filename.encode(), filename), END])
    assert status == 503, "there is no registry here: everything before it went well"
    (new,) = set(target.kept()) - before
    folder, name = new.rsplit("/", 1)
    assert folder == "registry/uploads"
    assert len(name) == 36, "the key is made here, not there"
    (target.uploads / new).unlink()
