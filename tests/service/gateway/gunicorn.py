"""The gateway as a process of its own: gunicorn, in a corner, from the environment alone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from deploy.processes import ROOT
from tests.stack import eventually


@dataclass
class Process:
    """gunicorn with the gateway; there are no services behind it."""

    popen: subprocess.Popen[bytes]
    port: int
    token: str
    log: Path

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": str(uuid.uuid4())}
        headers |= options.pop("headers", {})
        return requests.request(method, f"http://127.0.0.1:{self.port}{path}", headers=headers, timeout=30, **options)


def bootstrap(environment: dict[str, str]) -> str:
    """The first account and a token of it, as JSON."""
    command = [sys.executable, "-m", "gateway.identity.bootstrap"]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, check=True, capture_output=True, text=True
    ).stdout


@contextmanager
def gunicorn(environment: dict[str, str], token: str, log: Path) -> Iterator[Process]:
    """Runs until the end of the `with`."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "-c", "gateway/gunicorn_conf.py", "gateway.app:create_app()"]
    settings = os.environ | environment | {"PLUT_HTTP_PORT": str(port)}
    with log.open("wb") as written, subprocess.Popen(command, cwd=ROOT, env=settings, stderr=written) as popen:
        running = Process(popen, port, token, log)

        def answers() -> bool:
            try:
                return running.request("GET", "/healthz").ok
            except requests.ConnectionError:
                return False

        eventually(answers)
        yield running
        if popen.poll() is None:
            popen.send_signal(signal.SIGTERM)
        popen.wait(25)
