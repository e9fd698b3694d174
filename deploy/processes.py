"""The processes of the platform: one line each. A new service is one line more.

`./plut run <process>` becomes exactly the command line shown here, from the environment alone; the local stack does
nothing else. Standard library only, so that becoming the process costs next to nothing.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent

ACCESS_KEY = "PLUT_ACCESS_KEY_FILE"
ACCESS_JWKS = "PLUT_ACCESS_JWKS_FILE"
DATA_KEY = "PLUT_DATA_KEY_FILE"
ACCOUNT_KEY = "PLUT_ACCOUNT_KEY_FILE"
AUDIT_KEY = "PLUT_AUDIT_KEY_FILE"


@dataclass(frozen=True, slots=True)
class Process:
    """One line of the table.

    `command`'s first word is a program of the Python environment; `databases` are those it opens, each as the role of its
    service or else as `role`; `keys` are the environment variables of the key files that it may read (nobody gets a key
    without a use for it). `service` is the one whose requests and events it takes, where it takes any.
    """

    name: str
    command: tuple[str, ...]
    databases: tuple[str, ...]
    keys: tuple[str, ...]
    role: str = "plut_{service}"
    service: str | None = None

    @property
    def serves_http(self) -> bool:
        """The gateway answers /readyz on its own port, every other process on PLUT_HEALTH_PORT."""
        return self.name == "gateway"


def _gunicorn() -> tuple[str, ...]:
    return ("gunicorn", "-c", "gateway/gunicorn_conf.py", "gateway.app:create_app()")


def _service(name: str, *keys: str, process: str | None = None) -> Process:
    command = ("python", "-m", "chassis.runtime", name)
    return Process(process or name, command, (name,), (ACCESS_JWKS, *keys, AUDIT_KEY), service=name)


def _all(module: str) -> tuple[str, ...]:
    return ("python", "-m", module)


SERVICES = ("registry", "notifications", "gateway")
"""What has a database, events and failed events of its own: the services, and the gateway with its accounts."""

PROCESSES = (
    Process("gateway", _gunicorn(), ("gateway",), (ACCESS_KEY, ACCOUNT_KEY, AUDIT_KEY)),
    _service("registry", DATA_KEY),
    _service("notifications"),
    _service("gateway", process="accounts"),
    Process("worker", _all("chassis.worker"), SERVICES, (ACCESS_JWKS, DATA_KEY, AUDIT_KEY)),
    Process("relay", _all("chassis.relay"), SERVICES, (), role="plut_relay"),
)

DATABASES = tuple(dict.fromkeys(name for process in PROCESSES for name in process.databases))


def find(name: str) -> Process:
    """The process of that name; LookupError names those that exist."""
    for process in PROCESSES:
        if process.name == name:
            return process
    raise LookupError(f"no process {name!r}; there are {', '.join(process.name for process in PROCESSES)}")


def become(name: str, arguments: tuple[str, ...] = ()) -> NoReturn:
    """Replace this process by the one named, started in the project's folder."""
    program, *rest = find(name).command
    os.chdir(ROOT)
    path = str(Path(sys.executable).parent / program)
    os.execv(path, [path, *rest, *arguments])  # noqa: S606 (no shell is the point)


if __name__ == "__main__":
    become(sys.argv[1], tuple(sys.argv[2:]))
