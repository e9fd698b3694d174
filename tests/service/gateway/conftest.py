from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from chassis.unit_of_work import UnitOfWork
from contracts.access import SYSTEM
from deploy.local.stack import LocalStack
from gateway.app import create_app, make_courier, make_resources
from gateway.identity import tokens
from gateway.identity.bootstrap import bootstrap
from gateway.identity.passwords import make_hash
from gateway.identity.tables import account, account_grant
from gateway.resources import Resources
from gateway.settings import GatewaySettings
from tests.service.gateway.fakes import FakeServices
from tests.service.gateway.together import together
from tests.stack import Corner, eventually

__all__ = ["together"]

PASSWORD = "kuda sawah biru 7"


@dataclass
class Gateway:
    """A gateway with its real database and fake services."""

    app: Flask
    held: Resources
    services: FakeServices
    operator: str

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def request(self, method: str, path: str, token: str | None = None, **options: Any) -> TestResponse:
        """Call the API, as the operator unless told otherwise; POSTs carry a key."""
        headers = {"Authorization": f"Bearer {token or self.operator}", "Accept-Language": "en"}
        headers |= {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
        headers |= options.pop("headers", {})
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **options)

    def sign_in(self, email: str, password: str = PASSWORD, address: str = "127.0.0.1") -> TestResponse:
        return self.client.post(
            "/api/v1/session",
            json={"email": email, "password": password},
            environ_base={"REMOTE_ADDR": address},
            headers={"Accept-Language": "en"},
        )

    def make(self, role: str, scope: str, *, granted: bool = True) -> dict[str, Any]:
        """An account with the password PASSWORD, with a token under `token`; without its role where it isn't `granted`."""
        email = f"{role}-{uuid.uuid4().hex[:8]}@plut.localhost"
        with UnitOfWork(self.held.database, SYSTEM) as uow:
            who, connection = uow.new_id(), uow.session.connection()
            known = {"email": email, "name": "Somebody", "created_at": uow.now, "version": 1}
            connection.execute(account.insert().values(id=who, password_hash=_hash(), **known))
            if granted:
                connection.execute(account_grant.insert().values(account_id=who, role=role, scope=scope))
            token, _ = tokens.issue(
                connection,
                who,
                label="test",
                address=None,
                lifetime=self.held.lifetime,
                now=uow.now,
                method=tokens.MACHINE,
            )
        return {"id": str(who), "email": email, "token": token}


@cache
def _hash() -> str:
    """One for all: it takes a tenth of a second."""
    return make_hash(PASSWORD)


def stored(gateway: Gateway, *tables: str) -> str:
    """All that stands in some tables, whoever it belongs to."""
    with UnitOfWork(gateway.held.database, SYSTEM) as uow:
        return " ".join(
            str(row)
            for table in tables
            for row in uow.session.execute(text(f"SELECT t::text FROM {table} t")).scalars()
        )


def acts_on(gateway: Gateway, subject: str) -> list[str]:
    """What was done to an account, in order, by the record."""
    query = text("SELECT action FROM plut.audit WHERE subject = :id ORDER BY at")
    with UnitOfWork(gateway.held.database, SYSTEM) as uow:
        return list(uow.session.execute(query, {"id": subject}).scalars())


@dataclass
class Letters:
    """What the gateway has had written to people, as notifications would have been told."""

    services: FakeServices

    def to(self, address: str, template: str) -> dict[str, Any]:
        """The newest one of a kind to an address, once it has come."""
        return eventually(lambda: next(reversed(self.all_to(address, template)), None) or {}, 10)

    def all_to(self, address: str, template: str | None = None) -> list[dict[str, Any]]:
        sent = [asked.request for asked in list(self.services.asked) if asked.method == "send_secret"]
        return [each for each in sent if each["address"] == address and template in (None, each["template"])]


@pytest.fixture
def letters(gateway: Gateway) -> Letters:
    """Notifications takes what it is asked to send."""
    gateway.services.answers["notifications.send_secret"] = lambda request, _: {"id": request["id"]}
    return Letters(gateway.services)


def a_unit() -> str:
    """A unit that no other test uses."""
    return f"{random.randint(10, 99)}.{random.randint(10, 99)}"  # noqa: S311 - nothing secret


@pytest.fixture(scope="module")
def running(stack: LocalStack) -> Iterator[Gateway]:
    """One gateway and its database for the tests of a module."""
    corner = Corner(stack, "gateway")
    corner.make()
    settings = replace(GatewaySettings.from_environment(corner.environment), gateway_threads=4)
    held = make_resources(settings)
    services = FakeServices(held.database)
    held = replace(held, rpc=services, courier=make_courier(settings, held.database, services, held.key))
    operator = bootstrap(held.database, held.key, {}, demo=False)["token"]
    yield Gateway(create_app(settings, held), held, services, operator)
    held.courier.close()
    held.database.close()
    corner.remove()


@pytest.fixture
def gateway(running: Gateway) -> Gateway:
    """The gateway, with services that have neither heard nor learnt anything yet."""
    running.services.answers.clear()
    running.services.asked.clear()
    running.services.replayed = False
    return running
