"""What people try first: fields that nobody asked for, ids of others, and answers or work that tell who has an account."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import event, update

from chassis.unit_of_work import UnitOfWork
from contracts.access import SYSTEM
from gateway.app import create_app
from gateway.identity import passwords
from gateway.identity.tables import account
from tests.service.gateway.conftest import Gateway, acts_on
from tests.service.matrix.shapes import DOCUMENT, resolved, sample
from tests.stack import eventually

#: What somebody would like to set.
WANTED = {
    "role": "operator", "roles": ["operator"], "grants": [{"role": "operator", "scope": ""}], "scope": "", "unit": "12.75",
    "id": "0197f0a2-5b7e-7c3d-9a41-3f2d8c1e6b90", "version": 99, "expected_version": 1, "state": "active", "disabled": False,
    "account": "x", "account_id": "x", "created_by": "x", "actor": "x", "on_behalf_of": "x", "is_admin": True, "kind": "person",
    "password_hash": "x", "verified": True, "merged_into": None, "nik_ciphertext": "x", "__proto__": {}, "constructor": {},
}  # fmt: skip
ID = "0197f0a2-5b7e-7c3d-9a41-3f2d8c1e6b90"


@dataclass(frozen=True)
class Body:
    """An operation with a JSON body, and the role of somebody who may do it."""

    id: str
    verb: str
    path: str
    schema: dict[str, Any]
    role: str


def bodies() -> Iterator[Body]:
    for path, item in DOCUMENT["paths"].items():
        for verb, told in item.items():
            content = told.get("requestBody", {}).get("content", {}) if verb != "parameters" else {}
            if "application/json" in content:
                roles = told.get("x-roles") or ["operator"]
                role = "operator" if "operator" in roles else roles[0]
                schema = resolved(content["application/json"]["schema"])
                yield Body(told["operationId"], verb.upper(), path.removeprefix("/api/v1"), schema, role)


@pytest.mark.parametrize("one", list(bodies()), ids=lambda one: one.id)
def test_a_field_that_nobody_asked_for_is_refused_by_name(gateway: Gateway, one: Body) -> None:
    token = gateway.operator if one.role == "operator" else gateway.make(one.role, "21.71")["token"]
    path = re.sub(r"\{\w+\}", ID, one.path.replace("{code}", "21.71").replace("{row}", "1"))
    more = {key: value for key, value in WANTED.items() if key not in one.schema.get("properties", {})}
    body = sample(one.schema, ID, "21.71") | more
    answer = gateway.request(one.verb, path, token, json=body, headers={"If-Match": '"1"'})
    assert answer.status_code == 422, answer.text
    assert set(more) <= set((answer.json or {})["errors"]), "each of them is named"
    assert gateway.services.asked == [], "no service has heard of it"


def of_accounts() -> list[tuple[str, str, dict[str, Any] | None]]:
    """Every operation about one account, but what it is about oneself."""
    found = []
    for path, item in DOCUMENT["paths"].items():
        if path.startswith("/api/v1/accounts/{id}"):
            for verb, told in item.items():
                if verb != "parameters":
                    content = told.get("requestBody", {}).get("content", {}).get("application/json", {})
                    found.append((verb.upper(), path, content.get("schema")))
    return found


@pytest.mark.parametrize(("verb", "path", "schema"), of_accounts())
def test_an_id_of_another_office_s_account_is_worth_nothing(
    gateway: Gateway, verb: str, path: str, schema: dict[str, Any] | None
) -> None:
    """Also one of nobody's is answered alike: who guesses doesn't learn which exist."""
    stranger, theirs = gateway.make("head", "21.72"), gateway.make("staff", "21.71")
    before = gateway.request("GET", f"/accounts/{theirs['id']}").json
    answers = []
    for guessed in (theirs["id"], ID):
        filled = path.replace("{id}", guessed).replace("{key}", ID).removeprefix("/api/v1")
        body = sample(schema, ID, "21.72") if schema else None
        answers.append(gateway.request(verb, filled, stranger["token"], json=body, headers={"If-Match": '"1"'}))
    assert {answer.status_code for answer in answers} == {404}, [answer.text for answer in answers]
    assert answers[0].json | {"correlation_id": ""} == answers[1].json | {"correlation_id": ""}  # type: ignore[operator]
    assert gateway.request("GET", f"/accounts/{theirs['id']}").json == before
    assert acts_on(gateway, theirs["id"]) == []
    assert gateway.request("GET", "/me", theirs["token"]).status_code == 200


# --- who has an account -------------------------------------------------------------------------------------------


@dataclass
class Work:
    """What a request made the gateway do: statements to the database, and passwords tried."""

    statements: list[str] = field(default_factory=list)
    tried: int = 0


@contextmanager
def counted(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    """The work of this thread within the block. By the clock one would measure the machine's other tenants."""
    work, here, hasher = Work(), threading.get_ident(), passwords._hasher

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        # requests of an address are counted in blocks: which one needs the next block has nothing to do with accounts
        if threading.get_ident() == here and "rate_window" not in statement:
            work.statements.append(re.sub(r"\s+", " ", statement))

    class Counting:
        def verify(self, *given: Any) -> Any:
            work.tried += 1
            return hasher.verify(*given)

        def __getattr__(self, name: str) -> Any:
            return getattr(hasher, name)

    engine = gateway.held.database.engine
    event.listen(engine, "before_cursor_execute", note)
    monkeypatch.setattr(passwords, "_hasher", Counting())
    try:
        yield work
    finally:
        event.remove(engine, "before_cursor_execute", note)
        monkeypatch.setattr(passwords, "_hasher", hasher)


def known(gateway: Gateway) -> str:
    return str(gateway.make("staff", "21.71")["email"])


def disabled(gateway: Gateway) -> str:
    made = gateway.make("staff", "21.71")
    with UnitOfWork(gateway.held.database, SYSTEM) as uow:
        uow.session.execute(update(account).where(account.c.email == made["email"]).values(disabled_at=uow.now))
    return str(made["email"])


def without_password(gateway: Gateway) -> str:
    made = gateway.make("staff", "21.71")
    with UnitOfWork(gateway.held.database, SYSTEM) as uow:
        uow.session.execute(update(account).where(account.c.email == made["email"]).values(password_hash=None))
    return str(made["email"])


ASKED: dict[str, Callable[[str], tuple[str, dict[str, str]]]] = {
    "signing in": lambda email: ("/session", {"email": email, "password": "gajah hutan merah 9"}),
    "a forgotten password": lambda email: ("/password/forgotten", {"email": email}),
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("account_of", [known, disabled, without_password])
def test_neither_answer_nor_work_tells_who_has_an_account(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, account_of: Callable[[Gateway], str], asked: str
) -> None:
    told = []
    for number, email in enumerate((account_of(gateway), "nobody-at-all@plut.localhost")):
        path, body = ASKED[asked](email)
        with counted(gateway, monkeypatch) as work:
            answer = gateway.client.post(
                f"/api/v1{path}", json=body, environ_base={"REMOTE_ADDR": f"10.1.{hash(asked) % 200}.{number}"}
            )
        shown = (answer.json or {}) | {"correlation_id": ""}
        headers = {name for name, _ in answer.headers}
        told.append((answer.status_code, shown, headers, work.tried, work.statements))
    assert told[0] == told[1]


# --- where somebody asks from -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trusted", "through", "noted"),
    [
        ("", "10.1.1.1", "10.1.1.1"),
        ("10.0.0.0/8", "10.1.1.1", "203.0.113.77"),
        ("10.0.0.0/8", "198.51.100.4", "198.51.100.4"),
    ],
)
def test_a_forwarded_address_counts_from_a_trusted_proxy_only(
    gateway: Gateway, trusted: str, through: str, noted: str
) -> None:
    made = gateway.make("staff", "21.71")
    app = create_app(replace(gateway.held.settings, trusted_proxies=trusted), gateway.held)
    refused = app.test_client().post(
        "/api/v1/session",
        json={"email": made["email"], "password": "gajah hutan merah 9"},
        environ_base={"REMOTE_ADDR": through},
        headers={"X-Forwarded-For": "127.0.0.1, 203.0.113.77"},
    )
    assert refused.status_code == 401
    [tried] = eventually(lambda: gateway.request("GET", "/me/sign-ins", made["token"]).get_json()["items"], 10)
    assert tried["address"] == noted
