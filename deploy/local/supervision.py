"""The process manager: supervisor, told what to run in which order, asked how it is.

Every program is started with a death signal tied to the process manager, and the process manager with one tied to
whoever started it (unless detached), so that nothing is left over however roughly either of them ends.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

from chassis.key_files import write_private
from deploy.local.layout import Layout
from deploy.local.ports import HOST, Ports
from deploy.local.secrets import Passwords

MARK = "PLUT_STACK"
"""Environment variable of every process of a stack: its state folder. Finds what a crash left behind."""

STOP_SECONDS = 25


@dataclass(frozen=True, slots=True)
class Program:
    """One supervised program. `group` decides when it stops: groups with a higher `rank` stop first."""

    name: str
    command: list[str]
    group: str
    environment: Mapping[str, str] = field(default_factory=dict)
    as_user: list[str] = field(default_factory=list)
    stop_signal: str = "TERM"


RANKS = {"base": 1, "stores": 2, "platform": 3, "edge": 4}


def configure(layout: Layout, ports: Ports, passwords: Passwords, programs: Iterable[Program], folder: Path) -> None:
    """Write supervisor's configuration; it holds passwords, so only the owner may read it."""
    programs = list(programs)
    parts = [
        _section(
            "supervisord",
            nodaemon="true",
            silent="true",
            logfile=layout.logs / "supervisor.log",
            pidfile=layout.state / "supervisor.pid",
            childlogdir=layout.logs,
            directory=folder,
            identifier="plut",
            **({"user": "root"} if os.geteuid() == 0 else {}),
        ),
        _section(
            "inet_http_server", port=f"{HOST}:{ports['supervisor']}", username="plut", password=passwords.supervisor
        ),
        _section("rpcinterface:supervisor", **{"supervisor.rpcinterface_factory": _INTERFACE}),
    ]
    parts += [_program(layout, program) for program in programs]
    for group, rank in RANKS.items():
        names = [program.name for program in programs if program.group == group]
        if names:
            parts.append(_section(f"group:{group}", programs=",".join(names), priority=rank))
    write_private(layout.supervisor, "\n".join(parts))


_INTERFACE = "supervisor.rpcinterface:make_main_rpcinterface"


def _program(layout: Layout, program: Program) -> str:
    leash = ["setpriv", f"--pdeathsig={program.stop_signal}", *program.as_user, "--"]
    environment = {**program.environment, MARK: str(layout.state)}
    return _section(
        f"program:{program.name}",
        command=shlex.join([*leash, *program.command]),
        environment=",".join(f"{name}={_quoted(value)}" for name, value in environment.items()),
        autostart="false",
        autorestart="true",
        startsecs=3,
        startretries=20,  # each attempt waits a second longer than the one before: three and a half minutes in all
        stopsignal=program.stop_signal,
        stopwaitsecs=STOP_SECONDS,
        stopasgroup="false",  # a polite signal to the leader: gunicorn and the broker see to their own children
        killasgroup="true",
        redirect_stderr="true",
        stdout_logfile=layout.logs / f"{program.name}.log",
        stdout_logfile_maxbytes="10MB",
        stdout_logfile_backups=3,
    )


def _quoted(value: str) -> str:
    """A value as supervisor reads it: it knows both kinds of quotes, and no way to write one inside its like."""
    for quote in ('"', "'"):
        if quote not in value and value == value.strip("'\""):
            return f"{quote}{value}{quote}"
    raise ValueError(f"supervisor can't be told a value with both kinds of quotes: {value!r}")


def _section(title: str, **values: object) -> str:
    # supervisor replaces %(…)s in values, so a percent sign is written twice
    lines = [f"{name}={str(value).replace('%', '%%')}" for name, value in values.items()]
    return "\n".join([f"[{title}]", *lines, ""])


def start(layout: Layout, *, detach: bool) -> subprocess.Popen[bytes]:
    """Start the process manager, in a session of its own: Ctrl-C in the terminal reaches the caller alone."""
    supervisord = [str(Path(sys.executable).parent / "supervisord"), "-c", str(layout.supervisor)]
    leash = [] if detach else ["setpriv", "--pdeathsig=TERM", "--"]
    environment = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    environment |= {"PYTHONUNBUFFERED": "1", "HOME": str(Path.home()), MARK: str(layout.state)}
    # what a process that is killed leaves there is gone with the stack, or at its next start
    shutil.rmtree(layout.temporary, ignore_errors=True)
    layout.temporary.mkdir(mode=0o700)
    environment["TMPDIR"] = str(layout.temporary)
    with (layout.logs / "supervisor-start.log").open("wb") as log:
        return subprocess.Popen(
            [*leash, *supervisord],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )


class _ImpatientTransport(xmlrpc.client.Transport):
    def make_connection(self, host: Any) -> Any:
        connection = super().make_connection(host)
        connection.timeout = 10
        return connection


class Supervisor:
    """The running process manager, over its XML-RPC interface."""

    def __init__(self, ports: Ports, passwords: Passwords) -> None:
        url = f"http://plut:{passwords.supervisor}@{HOST}:{ports['supervisor']}/RPC2"
        self._url = url

    def _call(self, method: str, *arguments: object) -> Any:
        # a connection per call: the proxy isn't safe to share between threads
        with xmlrpc.client.ServerProxy(self._url, transport=_ImpatientTransport()) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)

    def pid(self) -> int | None:
        """Process id of the process manager; None when it doesn't run (or is somebody else's)."""
        try:
            return int(self._call("getPID"))
        except (OSError, HTTPException, xmlrpc.client.Error):
            return None

    def wait(self, seconds: float = 30) -> None:
        """Until it answers; raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while self.pid() is None:
            if time.monotonic() > deadline:
                raise TimeoutError("the process manager doesn't answer")
            time.sleep(0.05)

    def start(self, *names: str) -> None:
        """Start programs without waiting; one that runs already stays as it is."""
        known = {info["name"]: info for info in self.processes()}
        for name in names:
            with contextlib.suppress(xmlrpc.client.Fault):
                self._call("startProcess", f"{known[name]['group']}:{name}", False)  # noqa: FBT003

    def stop(self, *names: str) -> None:
        """Stop programs and wait until they have ended."""
        known = {info["name"]: info for info in self.processes()}
        for name in names:
            with contextlib.suppress(xmlrpc.client.Fault):
                self._call("stopProcess", f"{known[name]['group']}:{name}", False)  # noqa: FBT003
        deadline = time.monotonic() + STOP_SECONDS + 5
        while time.monotonic() < deadline:
            if not any(info["name"] in names and info["pid"] for info in self.processes()):
                return
            time.sleep(0.1)

    def processes(self) -> list[dict[str, Any]]:
        """`name`, `group`, `statename`, `pid`, `start`, `now`, `spawnerr` … of every program."""
        return list(self._call("getAllProcessInfo"))
