"""Where a contender lives: a virtual host and a database of its own on a private stack that keeps its data safe."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pika
import psycopg
from psycopg import sql

from chassis.migrations.roles import role_of
from deploy.local.stack import LocalStack
from deploy.local.supervision import MARK
from deploy.processes import ROOT
from tests.stack import Corner, eventually

HERE = Path(__file__).parent
#: What everybody writes. `source` is where a publisher notes what an event tells of.
TABLES = """
    CREATE TABLE IF NOT EXISTS business (id uuid PRIMARY KEY, unit text, name text, kind text, district text, kbli text,
        version bigint);
    CREATE TABLE IF NOT EXISTS source (id uuid PRIMARY KEY, name text, sent_at timestamptz);
    CREATE TABLE IF NOT EXISTS inbox (event_id uuid, subscription text, received_at timestamptz,
        PRIMARY KEY (event_id, subscription));
"""


class BenchError(Exception):
    """A contender did not do what it was asked to; the text shows the end of its log."""


class Ground(Corner):
    """A contender's virtual host and database, and its processes."""

    def __init__(self, stack: LocalStack, service: str = "bench") -> None:
        super().__init__(stack)
        self.service = service
        self.database_url = self._url(f"{self.name}_{service}")
        self.amqp_url = self.environment["PLUT_AMQP_URL"]
        self._logs = Path(tempfile.mkdtemp(prefix="bench-", dir=stack.layout.logs))
        self._running: list[subprocess.Popen[str]] = []

    def make(self) -> None:
        """Make both; an own service's database is migrated by the chassis."""
        super().make()
        path = os.pathsep.join(map(str, (ROOT, HERE / "ours")))
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PLUT_")},
            **self.environment,
            "PYTHONPATH": path,
            "PYTHONWARNINGS": "ignore",
            "PLUT_LOG_LEVEL": "warning",
            "BENCH_AMQP_URL": self.amqp_url,
            "BENCH_DATABASE_URL": self.database_url,
            MARK: str(self.stack.layout.state),
        }
        if self.service == "bench":
            self._execute("CREATE DATABASE {}", f"{self.name}_{self.service}")
        else:
            self.add_role(self.service)
            self.run([sys.executable, "-m", "chassis.migrations", self.service])
        with self.look() as database:
            database.execute(TABLES)
            if self.service != "bench":
                database.execute(f"GRANT ALL ON business, source, inbox TO {role_of(self.service)}")  # type: ignore[arg-type]

    def look(self) -> psycopg.Connection[Any]:
        """A connection to the database; autocommit."""
        return psycopg.connect(self.database_url, autocommit=True)

    def empty(self) -> None:
        """Forget what was measured before."""
        with self.look() as database:
            tables = ["business", "source", "inbox"]
            tables += [] if self.service == "bench" else ["plut.inbox", "plut.outbox", "plut.failed_event"]
            database.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(",".join(tables))))  # type: ignore[arg-type]

    def queue_length(self, queue: str) -> tuple[int, int]:
        """Messages that wait in a queue, and consumers that it has; (-1, 0) where there is none yet."""
        with pika.BlockingConnection(pika.URLParameters(self.amqp_url)) as connection:
            try:
                method = connection.channel().queue_declare(queue, passive=True).method
            except pika.exceptions.ChannelClosedByBroker:
                return -1, 0
        return method.message_count, method.consumer_count

    # --- processes ----------------------------------------------------------------------------------------------

    def run(self, command: list[str], seconds: float = 600) -> dict[str, Any]:
        """Run a process to its end; returns the JSON of its last line, if it says something."""
        process = self.start(command)
        try:
            code = process.wait(seconds)
        finally:
            self.stop(process)
        if code:
            raise BenchError(f"{' '.join(command)} ended with {code}:\n{self.log_of(process)}")
        lines = self.log_of(process).splitlines()
        found = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}
        assert isinstance(found, dict)
        return found

    def start(self, command: list[str]) -> subprocess.Popen[str]:
        """Start a process that ends with this one."""
        log = self._logs / f"{len(list(self._logs.iterdir()))}.log"
        with log.open("w") as stream:
            process = subprocess.Popen(
                ["setpriv", "--pdeathsig=KILL", "--", *command],
                cwd=ROOT,
                env=self.environment_of("chassis.relay" if "chassis.relay" in command else ""),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                text=True,
                start_new_session=True,
            )
        process.log = log  # type: ignore[attr-defined]
        self._running.append(process)
        return process

    @staticmethod
    def log_of(process: subprocess.Popen[str]) -> str:
        """The end of what a process has said."""
        text: str = process.log.read_text(errors="replace")  # type: ignore[attr-defined]
        return text[-3000:]

    def stop(self, *processes: subprocess.Popen[str]) -> None:
        """Ask processes to end, and after twenty seconds don't ask any more."""
        for process in processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            self._running = [each for each in self._running if each is not process]

    def close(self) -> None:
        """End what still runs."""
        self.stop(*self._running)

    def wait_for_consumers(self, queue: str, number: int, processes: list[subprocess.Popen[str]]) -> None:
        """Until the queue has so many consumers."""

        def there() -> bool:
            for process in processes:
                if process.poll() is not None:
                    raise BenchError(f"a consumer of {queue} has ended:\n{self.log_of(process)}")
            return self.queue_length(queue)[1] >= number

        eventually(there)

    def wait_for_messages(self, queue: str, number: int) -> None:
        """Until so many messages wait in the queue."""
        deadline = time.monotonic() + 30
        while (length := self.queue_length(queue)[0]) != number:
            if time.monotonic() > deadline:
                raise BenchError(f"{queue} has {length} messages, not {number}")
            time.sleep(0.1)
