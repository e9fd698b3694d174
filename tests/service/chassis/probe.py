"""The probe service in a corner of its own: processes that can be killed, and the means to look at what they did."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import requests

from chassis.rpc_client import RpcClient
from chassis.settings import Settings
from contracts.access import STAFF, AccessContext, Grant
from deploy.local import ports
from deploy.local.stack import LocalStack
from deploy.processes import ROOT
from tests.stack import Corner, eventually

TABLES = """
    CREATE TABLE thing (id uuid PRIMARY KEY, number integer);
    CREATE TABLE effect (event_id uuid, subject text, number integer, handler text);
    CREATE TABLE step (job uuid, number integer, PRIMARY KEY (job, number));
    GRANT ALL ON thing, effect, step TO plut_probe;
"""

BATAM = AccessContext(account="0199", name="Petugas", grants=(Grant(STAFF, "21.71"),), correlation_id="c-1")


class Probe:
    """Starts and ends the probe's processes; `call` asks it, `rows` looks into its database; `ports` by process."""

    def __init__(self, corner: Corner, logs: Path, *, port: int = 0) -> None:
        """With a `port` the probe is asked there, otherwise over the broker."""
        self.corner = corner
        path = f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'probe'}"
        direct = {"PLUT_RPC_PORT": str(port), "PLUT_RPC_URLS": f"probe=http://127.0.0.1:{port}"} if port else {}
        self.environment = os.environ | corner.environment | direct | {"PYTHONPATH": path}
        self.settings = Settings.from_environment(self.environment)
        self._logs = logs
        self._running: list[subprocess.Popen[bytes]] = []
        self.ports: dict[int, int] = {}
        self._closing = ExitStack()
        self.rpc = RpcClient(self.settings, name="tests")
        self._closing.callback(self.rpc.close)
        corner.add_database("probe", PYTHONPATH=path)
        self.database: psycopg.Connection[Any] = self._closing.enter_context(corner.connect("probe"))
        self.database.execute(TABLES)

    def start(self, module: str, *arguments: str, path: str = "") -> subprocess.Popen[bytes]:
        """Start `python -m module` and wait until it is ready; `path` is where it finds other code than the probe's."""
        port = ports.reserve()
        other = {"PYTHONPATH": path} if path else {}
        with (self._logs / f"{module}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *(arguments or ("probe",))],
                cwd=ROOT, env=self.environment | self.corner.environment_of(module) | other | {"PLUT_HEALTH_PORT": str(port)},
                stderr=log, stdout=log,
            )  # fmt: skip
        self._running.append(process)
        self.ports[process.pid] = port
        eventually(lambda: process.poll() is not None or _ready(port))
        assert process.poll() is None, (self._logs / f"{module}.log").read_text()[-3000:]
        return process

    def start_all(self) -> None:
        """Service, relay and worker."""
        for module in ("chassis.runtime", "chassis.relay", "chassis.worker"):
            self.start(module)

    def call(self, method: str, request: dict[str, Any], context: AccessContext = BATAM, **options: Any) -> Any:
        """Ask the probe."""
        return self.rpc.request("probe", method, request, context, **options).result

    def rows(self, query: str, *values: Any) -> list[Any]:
        """What a query finds in the probe's database."""
        return self.database.execute(query, values).fetchall()

    def log(self, module: str) -> str:
        """What a process has said."""
        return (self._logs / f"{module}.log").read_text()

    def close(self) -> None:
        """End everything, politely first; a process that doesn't go in time fails the test."""
        for process in self._running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        try:
            for process in self._running:
                process.wait(25)
        finally:
            for process in self._running:
                process.kill()
                process.wait()
            self._closing.close()


@contextmanager
def shared_probe(stack: LocalStack, logs: Path, *, port: int = 0) -> Iterator[Probe]:
    """A probe for several tests; they start what they need of it, and end none of it."""
    corner = Corner(stack)
    corner.make()
    one = Probe(corner, logs, port=port)
    try:
        yield one
    finally:
        one.close()
        corner.remove()


def _ready(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=2).status_code == 200
    except requests.RequestException:
        return False  # not there yet, or too busy to say so in time
