"""What tests need of a running broker and database: a fresh corner of their own, and the platform as users see it."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import requests
from psycopg import sql

from chassis.key_files import write_private
from chassis.migrations.roles import RELAY, role_of
from deploy.broker_definitions import ADMIN, exchanges
from deploy.local import broker, database
from deploy.local.stack import LocalStack
from deploy.processes import ROOT

T = TypeVar("T")


def eventually(check: Callable[[], T], seconds: float = 60, pause: float = 0.05) -> T:
    """What `check` returns as soon as it is true; fails with its last answer after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {seconds} s; the last answer was {found!r}"
        time.sleep(pause)


@contextmanager
def one_at_a_time(stack: LocalStack, name: str) -> Iterator[None]:
    """Keeps test processes (pytest-xdist) from doing the same preparation at once."""
    with (stack.layout.state / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Corner:
    """A virtual host and databases that no other test sees; `environment` is what a process needs to live there."""

    def __init__(self, stack: LocalStack, *databases: str) -> None:
        self.stack = stack
        self.name = f"t{uuid.uuid4().hex[:10]}"
        self._databases = databases
        self._passwords = stack.layout.keys / self.name
        self._roles = {*database.ROLES}
        self.environment = stack.environment() | {
            "PLUT_DATABASE_URL": database.url(stack.ports).replace("/{service}", f"/{self.name}_{{service}}"),
            "PLUT_DATABASE_OWNER_URL": self._url(f"{self.name}_{{service}}"),
            "PLUT_DATABASE_PASSWORD_FILE": str(self._passwords),
            "PLUT_AMQP_URL": broker.amqp_url(stack.ports, stack.passwords).removesuffix("%2F") + self.name,
            "PLUT_FILES_URL": (stack.layout.files / self.name).as_uri(),
        }

    def _url(self, name: str) -> str:
        return database.owner_url(self.stack.ports, self.stack.passwords).replace("{service}", name)

    def make(self) -> None:
        """Virtual host by the management interface; databases as copies of migrated templates."""
        self._manage("PUT", f"vhosts/{self.name}")
        self._manage("PUT", f"permissions/{self.name}/{ADMIN}", configure=".*", write=".*", read=".*")
        self.define(exchanges(self.name))
        for service in self._databases:
            self.add_database(service)

    def add_database(self, service: str, **environment: str) -> None:
        """A copy of a migrated template; `environment` says where the service is found, if not in the project."""
        self.add_role(service)
        _template(self.stack, service, environment)
        self._execute(
            "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", f"{self.name}_{service}", f"template_{service}"
        )

    def add_role(self, service: str) -> None:
        """The role that a service works as, also one that the platform doesn't have."""
        self._roles.add(role_of(service))
        database.make_role(self.stack.ports, self.stack.passwords, role_of(service))
        write_private(self._passwords, database.password_file(self.stack.passwords, sorted(self._roles)))

    def environment_of(self, module: str) -> dict[str, str]:
        """What a process needs; the relay works in every database as itself."""
        url = self.environment["PLUT_DATABASE_URL"]
        return self.environment | (
            {"PLUT_DATABASE_URL": url.replace("plut_{service}", RELAY)} if module == "chassis.relay" else {}
        )

    def remove(self) -> None:
        """Give the virtual host back. The databases go with the run's server: one in use by autovacuum can't be dropped."""
        self._manage("DELETE", f"vhosts/{self.name}")

    def connect(self, service: str) -> psycopg.Connection[Any]:
        """A connection to one of the databases as its owner, for looking into it; autocommit."""
        return psycopg.connect(self._url(f"{self.name}_{service}"), autocommit=True)

    def define(self, definitions: dict[str, Any]) -> None:
        """Import definitions into the broker."""
        self._manage("POST", "definitions", **definitions)

    def cut_connections(self, service: str) -> None:
        """End every connection that a service has to its database."""
        with psycopg.connect(database.admin_url(self.stack.ports, self.stack.passwords), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = %s",
                (f"{self.name}_{service}", role_of(service)),
            )

    def _execute(self, statement: str, *names: str) -> None:
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # type: ignore[arg-type]

    def _manage(self, method: str, path: str, **body: Any) -> None:
        url = f"{broker.management_url(self.stack.ports, self.stack.passwords)}/api/{path}"
        requests.request(method, url, json=body, timeout=30).raise_for_status()


def _template(stack: LocalStack, service: str, environment: dict[str, str]) -> None:
    """Migrate `template_<service>` once per run."""
    done = stack.layout.state / f"template-{service}"
    with one_at_a_time(stack, "template"):
        if done.exists():
            return
        url = database.owner_url(stack.ports, stack.passwords).replace("{service}", "template_{service}")
        subprocess.run(
            [sys.executable, "-m", "chassis.migrations", service],
            cwd=ROOT,
            env=os.environ | stack.environment() | {"PLUT_DATABASE_OWNER_URL": url} | environment,
            check=True,
        )
        done.touch()


@dataclass(frozen=True, slots=True)
class Platform:
    """The whole platform, as somebody outside reaches it."""

    stack: LocalStack
    operator: dict[str, Any]

    @property
    def api(self) -> str:
        """Root of the HTTP API."""
        return f"{self.stack.ports.url('gateway')}/api/v1"

    @property
    def amqp_url(self) -> str:
        """For a partner who listens."""
        return broker.amqp_url(self.stack.ports, self.stack.passwords)

    def request(self, method: str, path: str, token: str | None = None, **options: Any) -> requests.Response:
        """Call the API, as the operator unless another token is given; POSTs carry an Idempotency-Key."""
        headers = {"Authorization": f"Bearer {token or self.operator['token']}", "Accept-Language": "en"}
        headers |= {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
        headers |= options.pop("headers", {})
        answer = requests.request(method, f"{self.api}{path}", headers=headers, timeout=30, **options)
        if answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
            # what a failing test is to show beside the answer
            for name in ("gateway", "registry"):
                print(f"--- {name} ---\n{self.stack.log_tail(name)}", file=sys.stderr)  # noqa: T201
        return answer

    def load_regions(self, *more: str) -> None:
        """Batam's districts and villages, and `more` lines of the same kind (`code,name`)."""
        lines = [(ROOT / "tests" / "data" / "batam-regions.csv").read_text().rstrip(), *more]
        files = {"file": ("regions.csv", "\n".join(lines).encode())}
        answer = self.request("POST", "/registry/reference", files=files, data={"kind": "regions"})
        assert answer.status_code == 202, answer.text
        path = f"/registry/jobs/{answer.json()['id']}"
        eventually(lambda: self.request("GET", path).json()["state"] == "succeeded")

    def mails(self, to: str = "") -> list[dict[str, Any]]:
        """What the mail catcher has, newest first."""
        url = f"{self.stack.ports.url('mail')}/api/messages"
        found = requests.get(url, params={"to": to, "limit": 1000}, timeout=10).json()["messages"]
        assert isinstance(found, list)
        return found


def start_platform(stack: LocalStack) -> Platform:
    """Migrate, start every process and make the operator's account; once per run, also for several test processes."""
    from deploy.demo.operator import make_operator  # noqa: PLC0415 (only system tests need it)

    with one_at_a_time(stack, "platform"):
        done = stack.layout.token
        if not done.exists():
            stack.migrate()
            stack.start_processes()
            make_operator(stack)
    return Platform(stack, json.loads(Path(done).read_text()))
