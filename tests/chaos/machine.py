"""The whole platform on private ports, as durable as in production, with one more subscriber and spare replicas."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg

from chassis.migrations.roles import role_of
from deploy.local import broker, database
from deploy.local.ports import Ports, next_free
from deploy.local.stack import LocalStack
from deploy.local.supervision import Program
from deploy.local.temporary import temporary_stack
from deploy.processes import ACCESS_JWKS, AUDIT_KEY, DATABASES, PROCESSES, ROOT, Process, find
from tests.probe.services.ledger.handlers import TABLE
from tests.stack import Platform, eventually, start_platform

LEDGER = Process("ledger", ("python", "-m", "chassis.runtime", "ledger"), ("ledger",), (ACCESS_JWKS, AUDIT_KEY))
#: Ends the name of a second replica, which runs while the first one is being restarted.
SPARE = "-spare"


class ChaosStack(LocalStack):
    """What the chaos tests break. The ledger service counts effects; spares are started by those who need them."""

    def __init__(self, state: Path, ports: Ports, **options: Any) -> None:
        super().__init__(state, ports, **options)
        for number, name in enumerate((LEDGER.name, *(f"{process.name}{SPARE}" for process in PROCESSES))):
            ports.numbers[f"health-{name}"] = next_free(32100 + number, ports.numbers.values())

    def programs(self) -> list[Program]:
        """Everything, the ledger, and a spare of each process."""
        admin = {"PLUT_AMQP_URL": broker.amqp_url(self.ports, self.passwords)}
        python, path = sys.executable, {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'probe'}"}
        ledger = Program(
            "ledger", [python, *LEDGER.command[1:]], "platform", self.environment(LEDGER) | admin | path
        )  # fmt: skip
        return [*super().programs(), ledger, *map(self._spare, PROCESSES)]

    def _spare(self, process: Process) -> Program:
        port = "PLUT_HTTP_PORT" if process.serves_http else "PLUT_HEALTH_PORT"
        name = f"{process.name}{SPARE}"
        return Program(
            name,
            [sys.executable, "-m", "deploy.processes", process.name],
            "edge" if process.serves_http else "platform",
            self.environment(process) | {port: str(self.ports[f"health-{name}"])},
        )

    def migrate(self, names: Iterable[str] = (*DATABASES, LEDGER.name)) -> None:
        """The ledger's, too."""
        database.make_role(self.ports, self.passwords, role_of(LEDGER.name))
        super().migrate(names)

    # --- looking in ---------------------------------------------------------------------------------------------

    def connect(self, name: str) -> psycopg.Connection[Any]:
        """A connection to one of the databases; autocommit. The role is the server's, so that it sees all backends."""
        url = database.admin_url(self.ports, self.passwords).removesuffix("postgres") + name
        return psycopg.connect(url, autocommit=True, connect_timeout=5, application_name="chaos")

    def pid(self, name: str) -> int | None:
        """Process id of a program that has run long enough to count as running."""
        for info in self.supervisor.processes():
            if info["name"] == name and info["statename"] == "RUNNING":
                return int(info["pid"])
        return None

    def family(self, name: str) -> list[psutil.Process]:
        """A program's process and all below it; empty when it doesn't run."""
        pid = self.pid(name)
        if pid is None:
            return []
        try:
            first = psutil.Process(pid)
            return [first, *first.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def wait_until_whole(self, seconds: float = 60) -> None:
        """Until everything that was killed is back and says that it is ready."""
        names = [process.name for process in PROCESSES] + [LEDGER.name]
        eventually(lambda: all(self.pid(name) and self.is_ready(name) for name in names), seconds, 0.2)


@contextmanager
def chaos_platform(broker_root: Path | None) -> Iterator[tuple[ChaosStack, Platform]]:
    """Everything running; nothing left afterwards."""
    with temporary_stack(kind=ChaosStack, durable=True, broker_root=broker_root, tables=True) as stack:
        assert isinstance(stack, ChaosStack)
        owner = database.owner_url(stack.ports, stack.passwords).replace("{service}", LEDGER.name)
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute(TABLE)
            connection.execute("GRANT ALL ON effect TO plut_ledger")
        stack.supervisor.start(LEDGER.name)
        platform = start_platform(stack)
        stack.wait_until_whole()
        yield stack, platform


def settings_of(stack: LocalStack, process: str) -> dict[str, str]:
    """Environment of one of the platform's processes, for looking with its own code."""
    return stack.environment(find(process))
