"""Three units with everything that a unit can have, and the platform around them, with its filters and without."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from chassis.unit_of_work import UnitOfWork
from contracts.access import SYSTEM
from deploy.local.ports import HOST, next_free
from deploy.local.stack import LocalStack
from deploy.processes import ROOT
from gateway.app import create_app, make_resources
from gateway.identity import tokens
from gateway.identity.tables import account, account_grant, account_owner
from gateway.resources import Resources
from gateway.settings import GatewaySettings
from tests.stack import Corner, eventually

T = TypeVar("T")
R = TypeVar("R")
UNITS = ("21.71", "21.72", "12.75")
#: A word in everything that a unit types.
MARKS = {"21.71": "Merakbiru", "21.72": "Rajawali", "12.75": "Cendrawasih"}
#: Who looks: role and scope, and which of the units they may see.
VIEWERS = {
    "own": ("head", "21.71", {"21.71"}),
    "other city": ("head", "21.72", {"21.72"}),
    "other province": ("province", "12", {"12.75"}),
    "own province": ("province", "21", {"21.71", "21.72"}),
    "national": ("national", "", set(UNITS)),
    "operator of a city": ("operator", "21.71", {"21.71"}),
    "a city without anything": ("head", "31.71", set()),
}
#: Requests that are under way at a time.
THREADS = 4
ENDED = {"preview", "completed", "succeeded", "failed", "stopped"}
_PROTECTED = (
    "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid AND p.polname = 'scope'"
    " WHERE c.relkind IN ('r', 'p') ORDER BY 1"
)


@dataclass
class Country:
    """The platform with three units' data."""

    app: Flask
    held: Resources
    corner: Corner

    def account(self, role: str, scope: str, *owners: str) -> str:
        """A token of an account with that role, which stands for `owners`."""
        with UnitOfWork(self.held.database, SYSTEM) as uow:
            who, connection = uow.new_id(), uow.session.connection()
            known = {"email": f"{who}@plut.localhost", "name": "Somebody", "created_at": uow.now, "version": 1}
            connection.execute(account.insert().values(id=who, **known))
            connection.execute(account_grant.insert().values(account_id=who, role=role, scope=scope))
            for owner in owners:
                connection.execute(account_owner.insert().values(account_id=who, owner_id=owner, unit=scope))
            terms = {"label": "test", "address": None, "lifetime": self.held.lifetime, "now": uow.now}
            return tokens.issue(connection, who, method=tokens.MACHINE, **terms)[0]  # type: ignore[arg-type]

    def ask(self, token: str, verb: str, path: str, **options: Any) -> TestResponse:
        """Call the API."""
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid.uuid4()), "Accept-Language": "en"}
        headers |= options.pop("headers", {})
        path = path if path.startswith("/api") else f"/api/v1{path}"
        return self.app.test_client().open(path, method=verb, headers=headers, **options)

    def at_once(self, act: Callable[[T], R], asked: Iterable[T]) -> list[R]:
        """Several requests at a time: the services work while the next ones are made."""
        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(act, asked))

    def done(self, token: str, verb: str, path: str, body: Any = None, **options: Any) -> dict[str, Any]:
        """What a request that succeeds answers."""
        answer = self.ask(token, verb, path, json=body, **options)
        assert answer.status_code < 300, (verb, path, answer.text)
        return answer.json or {}

    def ended(self, token: str, path: str) -> None:
        """Wait until long work has ended well."""
        state = eventually(lambda: (found := self.done(token, "GET", path)["state"]) in ENDED and found, 60, 0.2)
        assert state in ("completed", "succeeded"), self.done(token, "GET", path)

    def rows(self, service: str) -> dict[str, dict[str, list[str]]]:
        """Unit → table → its rows as text, of everything that is protected, but what is on record; of events the held back."""
        with self.corner.connect(service) as owner:
            tables = [row[0] for row in owner.execute(_PROTECTED)]
            found: dict[str, dict[str, list[str]]] = {unit: {} for unit in UNITS}
            for table in tables:
                if table == "plut.audit":
                    continue
                held_back = " WHERE parked_at IS NOT NULL" if table == "plut.outbox" else ""
                query = f"SELECT unit, t::text FROM {table} t{held_back} ORDER BY 2"
                for unit, text in owner.execute(query):  # type: ignore[arg-type]
                    if unit in found:
                        found[unit].setdefault(table, []).append(text)
            return found

    def ids(self) -> dict[str, list[list[str]]]:
        """Unit → for each table the ids of its rows."""
        found: dict[str, dict[str, list[str]]] = {unit: {} for unit in UNITS}
        for service in ("registry", "notifications"):
            with self.corner.connect(service) as owner:
                for (table,) in owner.execute(_PROTECTED).fetchall():
                    if table in ("plut.audit", "plut.outbox", "plut.data_key", "plut.audit_before", "owner"):
                        continue
                    keys = owner.execute(
                        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attname = 'id'", (table,)
                    ).fetchall()
                    if keys:
                        for unit, key in owner.execute(f"SELECT unit, id::text FROM {table}"):  # type: ignore[arg-type]
                            if unit in found:
                                found[unit].setdefault(table, []).append(key)
        return {unit: list(tables.values()) for unit, tables in found.items()}


@pytest.fixture(scope="session", params=["with its filters", "by the database alone"])
def country(
    request: pytest.FixtureRequest, stack: LocalStack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Country]:
    corner = Corner(stack, "gateway", "registry", "notifications")
    corner.make()
    logs: Path = tmp_path_factory.mktemp("country")
    unfiltered = ["tests.service.matrix.unfiltered"] if request.param == "by the database alone" else []
    ports: dict[str, int] = {}
    with ExitStack() as started:
        started.callback(corner.remove)
        for module, name in (
            ("chassis.runtime", "registry"), ("chassis.runtime", "notifications"), ("chassis.runtime", "gateway"),
            ("chassis.worker", "registry"), ("chassis.relay", "registry"),
        ):  # fmt: skip
            wrapped = unfiltered if module != "chassis.relay" else []
            command = [sys.executable, "-m", *wrapped, module, name]
            log = started.enter_context((logs / f"{module}-{name}").open("wb"))
            environment = os.environ | corner.environment_of(module)
            if module == "chassis.runtime":
                ports[name] = next_free(random.randint(33000, 39000), ports.values())  # noqa: S311
                environment["PLUT_RPC_PORT"] = str(ports[name])
            popen = started.enter_context(subprocess.Popen(command, cwd=ROOT, env=environment, stderr=log))
            started.callback(popen.send_signal, signal.SIGTERM)
        urls = ",".join(f"{name}=http://{HOST}:{port}" for name, port in ports.items())
        settings = GatewaySettings.from_environment(corner.environment | {"PLUT_RPC_URLS": urls})
        settings = replace(settings, gateway_threads=THREADS)
        held = make_resources(settings)
        started.callback(held.database.close)
        started.callback(held.rpc.close)  # type: ignore[attr-defined]
        started.callback(held.courier.close)
        one = Country(create_app(settings, held), held, corner)
        eventually(lambda: all(one.app.test_client().get("/readyz").get_json()["services"].values()), 60, 0.3)
        _fill(one)
        yield one


def _fill(one: Country) -> None:
    operator = one.account("operator", "")
    for unit in UNITS:
        # an office is public: its name bears no mark
        put = {"name": f"PLUT {unit}"}
        assert one.ask(operator, "PUT", f"/registry/units/{unit}", json=put).status_code == 200
        _fill_unit(one, one.account("head", unit), unit)
    eventually(lambda: all("message" in tables for tables in one.rows("notifications").values()), 60, 0.3)
    for unit in UNITS:
        _fail(one, unit)


def _fill_unit(one: Country, head: str, unit: str) -> None:
    mark, made = MARKS[unit], []
    for number, (name, kind) in enumerate((("Dapur", "perorangan"), ("Salon", "perorangan"), ("Koperasi", "koperasi"))):
        owner = {"name": f"Ibu {mark} {number}", "phone": f"+62812{unit.replace('.', '')}{number:04d}"}
        body = {"unit": unit, "name": f"{mark} {name}", "kind": kind, "owner": owner | {"nik": _nik(unit, number)}}
        registered = one.done(head, "POST", "/registry/enterprises", body | {"products": f"Kue {mark}"})
        made.append(f"/registry/enterprises/{registered['id']}")
    first, second, third = made

    def version(path: str) -> int:
        return int(one.done(head, "GET", path)["version"])

    one.done(head, "POST", f"{first}/consents", {"purpose": "service", "how": "paper"})
    one.done(head, "POST", f"{first}/binaan", {})
    one.done(head, "POST", f"{first}/measurements", {"sales": 80_000_000, "as_of": "2026-01-02"})
    one.done(head, "POST", f"{first}/nik", {"purpose": f"Pengajuan {mark}"})
    one.done(head, "POST", "/registry/person-requests/export", {"enterprise": third.rpartition("/")[2]})
    other = {"other": second.rpartition("/")[2], "other_version": version(second)}
    one.done(head, "POST", f"{first}/merge", other | {"expected_version": version(first)})
    one.done(head, "PUT", f"{third}/cooperative", {"members": 20}, headers={"If-Match": f'"{version(third)}"'})
    lines = [f"{mark} Toko {n};Bapak {mark} {n};0813{unit.replace('.', '')}{n:04d}" for n in range(5)]
    content = "\n".join(["nama usaha;nama pemilik;no hp", *lines]).encode()
    form = {"file": (BytesIO(content), f"{mark}.csv"), "unit": unit, "commit": "true"}
    answer = one.ask(head, "POST", "/registry/imports", data=form)
    assert answer.status_code == 202, answer.text
    one.ended(head, f"/registry/imports/{(answer.json or {})['id']}")
    export = one.done(head, "POST", "/registry/exports", {"format": "csv"})
    one.ended(head, f"/registry/jobs/{export['id']}")


def _fail(one: Country, unit: str) -> None:
    """An event of the unit that failed where it was heard, and one that the broker didn't take."""
    body = json.dumps({"data": {"business": MARKS[unit]}}).encode()
    named = {"event": str(uuid.uuid4()), "type": "id.plut.registry.enterprise-updated.v1", "unit": unit, "body": body}
    with one.corner.connect("notifications") as owner:
        owner.execute(
            "INSERT INTO plut.failed_event (id, subscription, event_id, type, unit, subject, body, error, attempts, failed_at,"
            " state) VALUES (gen_random_uuid(), 'notifications.enterprise-registered', %(event)s::uuid, %(type)s, %(unit)s,"
            " %(event)s::text, %(body)s, %(error)s, 5, now(), 'dead')",
            named | {"error": f"ValueError: {MARKS[unit]}"},
        )
    with one.corner.connect("registry") as owner:
        owner.execute(
            "INSERT INTO plut.outbox (event_id, type, subject, unit, routing_key, body, created_at, parked_at, error)"
            " VALUES (%(event)s::uuid, %(type)s, %(event)s::text, %(unit)s, 'x', %(body)s, now(), now(), %(error)s)",
            named | {"error": f"refused: {MARKS[unit]}"},
        )


def _nik(unit: str, number: int) -> str:
    """Sixteen digits as somebody of that place may have them."""
    return f"{unit.replace('.', '')}01010190{number + 1:04d}"
