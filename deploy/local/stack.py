"""The local stack: broker, database, mail catcher and the platform's processes, as one thing that starts and stops.

`./plut up` and the tests use the same class; only the folder, the ports and how much is started differ.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

import psutil
import requests

from chassis.key_files import write_private
from deploy.local import broker, database, secrets, supervision
from deploy.local.layout import Layout
from deploy.local.ports import HOST, Ports
from deploy.local.supervision import Program, Supervisor
from deploy.processes import DATABASES, PROCESSES, ROOT, SERVICES, Process

STORES = ("database", "epmd", "broker", "mail")


#: Requests in a minute, of whatever is counted: benchmarks, tests and demos come from one account and one address.
_PLENTY: Final = "100000000"
_LIMITS: Final = ("ACCOUNT", "UNIT", "ADDRESS")


class StackError(Exception):
    """Something didn't start; the text names it and shows the end of its log."""


class LocalStack:
    """One stack in one state folder.

    `durable=False` trades safety for speed: data of tests only. `broker_root` is a folder with another Debian, whose
    RabbitMQ is to be run instead of this machine's (`debian_root`).
    """

    def __init__(self, state: Path, ports: Ports, *, durable: bool = True, broker_root: Path | None = None) -> None:
        self.layout = Layout(state.resolve())
        self.ports = ports
        self.durable = durable
        self.broker_root = broker_root
        self.layout.make()
        self.passwords = secrets.passwords(self.layout)
        self.supervisor = Supervisor(ports, self.passwords)
        self._manager: subprocess.Popen[bytes] | None = None

    # --- what it is made of -------------------------------------------------------------------------------------

    def environment(self, process: Process | None = None) -> dict[str, str]:
        """Settings of one process; without one, those of a person at the command line (every key and role, no ports)."""
        keys = secrets.key_files(self.layout)
        wanted = keys if process is None else {name: keys[name] for name in process.keys}
        values = {
            "PLUT_DATABASE_URL": database.url(self.ports, process.role if process else "plut_{service}"),
            "PLUT_DATABASE_PASSWORD_FILE": str(self._password_file(process)),
            "PLUT_AMQP_URL": broker.amqp_url(self.ports, self.passwords, process.name if process else None),
            "PLUT_FILES_URL": self.layout.files.as_uri(),
            "PLUT_SMTP_URL": f"smtp://{HOST}:{self.ports['smtp']}",
            "PLUT_SMS_URL": f"{self.ports.url('mail')}/api/sms",
            "PLUT_PUBLIC_URL": self.ports.url("gateway"),
            "PLUT_LOG_LEVEL": os.environ.get("PLUT_LOG_LEVEL", "info"),
            **{name: str(file) for name, file in wanted.items()},
        }
        if process is None or process.serves_http:
            values |= {f"PLUT_RATE_LIMIT_{each}": _PLENTY for each in _LIMITS}
        if process is not None and process.serves_http:
            values["PLUT_HTTP_PORT"] = str(self.ports["gateway"])
            values["PLUT_MAIL_CATCHER_URL"] = self.ports.url("mail")
            values["PLUT_RPC_URLS"] = ",".join(f"{name}={self.ports.url(f'rpc-{name}')}" for name in SERVICES)
        elif process is None:
            values["PLUT_DATABASE_OWNER_URL"] = database.owner_url(self.ports, self.passwords)
            values["PLUT_MANAGEMENT_URL"] = broker.management_url(self.ports, self.passwords)
        else:
            values["PLUT_HEALTH_PORT"] = str(self.ports[f"health-{process.name}"])
        if process is not None and process.service:
            values["PLUT_RPC_PORT"] = str(self.ports[f"rpc-{process.service}"])
        return values

    def _password_file(self, process: Process | None) -> Path:
        """The passwords of the database's roles that a process works as; without a process, of all of them."""
        name = process.name if process else "all"
        file = self.layout.keys / f"database-passwords-{name}"
        named = {process.role.format(service=each) for each in process.databases} if process else database.ROLES
        text = database.password_file(self.passwords, sorted(named))
        if not file.exists() or file.read_text() != text:
            write_private(file, text)
        return file

    def programs(self) -> list[Program]:
        """Everything that the process manager is to know."""
        python = sys.executable
        erlang = broker.environment(self.layout, self.ports)
        server = database.command(self.layout, self.ports, durable=self.durable)
        catcher = ["--smtp", str(self.ports["smtp"]), "--web", str(self.ports["mail"]), str(self.layout.mail)]
        stores = [
            Program("database", server, "stores", as_user=database.as_its_user(), stop_signal="INT"),
            Program("epmd", broker.epmd_command(self.layout, self.ports, self.broker_root), "base", erlang),
            Program("broker", broker.command(self.layout, self.broker_root), "stores", erlang),
            Program("mail", [python, "-m", "deploy.mail", *catcher], "stores"),
        ]
        platform = [
            Program(
                process.name,
                [python, "-m", "deploy.processes", process.name],
                "edge" if process.serves_http else "platform",
                self.environment(process),
            )
            for process in PROCESSES
        ]
        return stores + platform

    # --- starting -----------------------------------------------------------------------------------------------

    def start_stores(
        self, *, detach: bool = False, tables: bool = False, say: Callable[[str], None] = lambda _: None
    ) -> None:
        """Process manager, database, broker and mail catcher; returns when all of them answer.

        With `tables` the databases are migrated, too, and the broker boots on: `start_processes` waits for it.
        """
        self.clear_leftovers()
        broker.configure(self.layout, self.ports, self.passwords)
        supervision.configure(self.layout, self.ports, self.passwords, self.programs(), ROOT)
        self._manager = supervision.start(self.layout, detach=detach)
        self.supervisor.wait()
        self.supervisor.start("epmd", "mail", "broker")
        # the broker boots while the database's folder is being made
        try:
            database.initialise(self.layout, self.passwords, durable=self.durable)
        except database.DatabaseError as error:
            raise StackError(str(error)) from None
        database.forget_dead_server(self.layout)
        self.supervisor.start("database")
        checks = {
            "database": lambda: database.answers(self.ports, self.passwords),
            "mail": lambda: self.is_ready("mail"),
        }
        self._wait_for(checks | ({"tables": self._migrated} if tables else {"broker": self._broker_answers}), say)

    def _broker_answers(self) -> bool:
        return broker.answers(self.ports, self.passwords)

    def _migrated(self) -> bool:
        if not database.answers(self.ports, self.passwords):
            return False
        self.migrate()
        return True

    def migrate(self, names: Iterable[str] = DATABASES) -> None:
        """Bring databases up to date, creating those that are missing; raises StackError with what was said."""
        done = subprocess.run(
            [sys.executable, "-m", "chassis.migrations", *names],
            cwd=ROOT,
            env=os.environ | self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise StackError(f"the migrations failed:\n{(done.stdout + done.stderr)[-3000:]}")

    def start_processes(self, names: Iterable[str] = (), say: Callable[[str], None] = lambda _: None) -> None:
        """The platform's processes; returns when the broker is there, and each says that it is ready."""
        wanted = list(names) or [process.name for process in PROCESSES]
        self.supervisor.start(*wanted)
        self._wait_for({"broker": self._broker_answers} | {name: partial(self.is_ready, name) for name in wanted}, say)

    def _wait_for(
        self, checks: dict[str, Callable[[], bool]], say: Callable[[str], None], seconds: float = 120
    ) -> None:
        """Until every check is true; raises StackError as soon as a process turns out to end by itself."""
        began = time.monotonic()
        given_up = threading.Event()

        def wait(name: str, check: Callable[[], bool]) -> str:
            while not check() and not given_up.wait(0.2):
                pass
            return name

        with ThreadPoolExecutor(len(checks)) as pool:
            waiting = {pool.submit(wait, name, check): name for name, check in checks.items()}
            try:
                while waiting:
                    done, _ = futures.wait(waiting, timeout=0.3, return_when=futures.FIRST_COMPLETED)
                    for ready in done:
                        ready.result()
                        say(f"{waiting.pop(ready)} ({time.monotonic() - began:.1f} s)")
                    self._refuse_the_dead(waiting.values())
                    if waiting and time.monotonic() - began > seconds:
                        tails = "\n".join(f"{name}:\n{self.log_tail(name)}" for name in waiting.values())
                        raise StackError(f"not ready after {seconds:.0f} s: {', '.join(waiting.values())}\n{tails}")
            finally:
                given_up.set()

    def _refuse_the_dead(self, names: Iterable[str]) -> None:
        try:
            states = {info["name"]: info["statename"] for info in self.supervisor.processes()}
        except OSError:
            raise StackError("the process manager has ended") from None
        for name in names:
            if states.get(name) in {"BACKOFF", "FATAL", "EXITED"}:
                raise StackError(f"{name} ends as soon as it is started:\n{self.log_tail(name)}")

    def is_ready(self, name: str) -> bool:
        """What the process itself says at /readyz; somebody else's process on its port doesn't count."""
        port = {"gateway": "gateway", "mail": "mail"}.get(name, f"health-{name}")
        try:
            says_so = requests.get(f"{self.ports.url(port)}/readyz", timeout=3).ok
        except requests.RequestException:
            return False
        return says_so and self._listens(name, self.ports[port])

    def _listens(self, name: str, port: int) -> bool:
        pids = {info["name"]: info["pid"] for info in self.supervisor.processes()}
        try:
            sockets = psutil.Process(pids[name]).net_connections("tcp")
        except (KeyError, psutil.NoSuchProcess):
            return False
        return any(socket.status == psutil.CONN_LISTEN and socket.laddr.port == port for socket in sockets)

    def log_tail(self, name: str, lines: int = 25) -> str:
        """The end of a process's log."""
        try:
            text = (self.layout.logs / f"{name}.log").read_text(errors="replace")
        except OSError:
            return "(no log)"
        return "\n".join(text.splitlines()[-lines:])

    # --- stopping -----------------------------------------------------------------------------------------------

    def stop(self, seconds: float = 60) -> None:
        """Stop everything in order (gateway, services, stores), and after `seconds` without asking again."""
        pid = self._manager.pid if self._manager else self.supervisor.pid()
        if pid is not None:
            with contextlib.suppress(psutil.Error):
                manager = psutil.Process(pid)
                manager.send_signal(signal.SIGTERM)
                with contextlib.suppress(psutil.TimeoutExpired):
                    manager.wait(seconds)
        if self._manager:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._manager.wait(0.1)
        self.clear_leftovers()

    def reap(self) -> None:
        """Take note that the process manager has been ended by somebody else."""
        if self._manager:
            self._manager.wait(10)

    def kill(self) -> None:
        """End everything at once, without care for the data."""
        manager = self.supervisor.pid()
        if manager is not None:
            with contextlib.suppress(psutil.Error):
                psutil.Process(manager).kill()  # first, so that it restarts nothing
        self.clear_leftovers(patience=0)

    def clear_leftovers(self, patience: float = 10) -> None:
        """End every process that carries this stack's mark: there are none unless something was killed hard.

        They get `patience` seconds to end by themselves.
        """
        server = database.server(self.layout)  # overwrites its own environment, so it has no mark to be seen
        found = [process for process in psutil.process_iter() if self._is_ours(process)]
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal.SIGTERM if patience else signal.SIGKILL)
        if server is not None:
            with contextlib.suppress(psutil.Error):
                # both end its children, too, and give back its shared memory; the second doesn't write anything
                server.send_signal(signal.SIGINT if patience else signal.SIGQUIT)
            found.append(server)
        _, stubborn = psutil.wait_procs(found, timeout=max(patience, 5))
        for process in stubborn:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(stubborn, timeout=5)

    def _is_ours(self, process: psutil.Process) -> bool:
        if process.pid == os.getpid():
            return False
        try:
            mark: str | None = process.environ().get(supervision.MARK)
            return mark == str(self.layout.state)
        except (psutil.Error, OSError):
            return False
