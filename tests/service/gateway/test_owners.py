from __future__ import annotations

import random
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from chassis.identifiers import new_id
from chassis.unit_of_work import UnitOfWork
from contracts.access import SYSTEM
from contracts.events import Envelope, schema_url, sequence
from contracts.registry import Contact, EnterpriseUpdated
from gateway.handlers import follow_phones
from gateway.identity import one_time_codes, throttle
from tests.service.gateway.conftest import Gateway, Letters, stored
from tests.service.gateway.test_passwords_by_mail import errands
from tests.stack import eventually

WRONG = "000000"


def a_phone() -> str:
    """A number that no other test uses."""
    return f"+62812{random.randint(10_000_000, 99_999_999)}"  # noqa: S311 - nothing secret


def an_address() -> str:
    return f"10.{uuid.uuid4().int % 250}.{uuid.uuid4().int % 250}.7"


class Registry:
    """Owners by phone, as the registry would know them."""

    def __init__(self, gateway: Gateway) -> None:
        self.known: dict[str, list[tuple[str, str]]] = {}
        gateway.services.answers["registry.find_owners_by_phone"] = self._find

    def has(self, *units: str) -> str:
        phone, owner = a_phone(), str(uuid.uuid4())
        self.known[phone] = [(owner, unit) for unit in units]
        return phone

    def _find(self, request: Any, _: Any) -> dict[str, Any]:
        return {"items": [{"owner": owner, "unit": unit} for owner, unit in self.known.get(request["phone"], [])]}


@pytest.fixture
def registry(gateway: Gateway, letters: Letters) -> Registry:  # noqa: ARG001 - notifications takes what comes
    return Registry(gateway)


def ask(gateway: Gateway, phone: str, address: str | None = None) -> TestResponse:
    where = {"REMOTE_ADDR": address or an_address()}
    return gateway.client.post("/api/v1/session/phone", json={"phone": phone}, environ_base=where)


def confirm(gateway: Gateway, phone: str, code: str, address: str | None = None) -> TestResponse:
    where = {"REMOTE_ADDR": address or an_address()}
    body = {"phone": phone, "code": code, "label": "telepon"}
    return gateway.client.post("/api/v1/session/phone/confirm", json=body, environ_base=where)


def code_for(gateway: Gateway, letters: Letters, phone: str) -> str:
    assert ask(gateway, phone).status_code == 200
    code: str = letters.to(phone, "sign-in-code")["secret"]
    return code


def test_an_owner_signs_in_by_the_phone(gateway: Gateway, letters: Letters, registry: Registry) -> None:
    phone = registry.has("21.71", "21.72")
    typed = "0" + phone.removeprefix("+62")
    assert ask(gateway, typed).json == {"expires_in": 300}
    letter = letters.to(phone, "sign-in-code")
    assert (letter["channel"], len(letter["secret"]), letter["params"]) == ("sms", 6, {"minutes": 5})
    begun = confirm(gateway, typed, letter["secret"])
    assert begun.status_code == 201, begun.text
    account = (begun.json or {})["account"]
    assert (account["kind"], account["email"], account["phone"]) == ("owner", None, phone)
    assert account["grants"] == [{"role": "owner", "scope": unit} for unit in ("21.71", "21.72")]
    me = gateway.request("GET", "/me", (begun.json or {})["token"])
    assert (me.json or {})["id"] == account["id"]
    assert confirm(gateway, phone, letter["secret"]).status_code == 401, "a code counts once"


def test_what_an_owner_may_see_is_renewed_with_each_sign_in(
    gateway: Gateway, letters: Letters, registry: Registry
) -> None:
    phone = registry.has("21.71")
    first = confirm(gateway, phone, code_for(gateway, letters, phone)).json or {}
    owner = str(uuid.uuid4())
    registry.known[phone] = [(owner, "21.72")]
    second = confirm(gateway, phone, code_for_next(gateway, letters, phone, 2)).json or {}
    assert second["account"]["id"] == first["account"]["id"]
    assert second["account"]["grants"] == [{"role": "owner", "scope": "21.72"}]
    with UnitOfWork(gateway.held.database, SYSTEM) as uow:
        kept = uow.session.execute(
            text("SELECT owner_id::text, unit FROM account_owner WHERE account_id = :id"),
            {"id": first["account"]["id"]},
        ).all()
    assert [tuple(row) for row in kept] == [(owner, "21.72")]


def phone_changed(owner: str, phone: str | None, *fields: str) -> Envelope[EnterpriseUpdated]:
    """As the registry says it."""
    enterprise = new_id()
    event = EnterpriseUpdated(
        enterprise=enterprise, owner=UUID(owner), fields=fields, business="Dapur", kind="perorangan",
        contact=Contact(name="Siti", phone=phone),
    )  # fmt: skip
    return Envelope(
        id=new_id(), source="/plut/registry", type=event.type, subject=str(enterprise), time=datetime.now(UTC),
        unit="21.71", sequence=sequence(2), data=event, dataschema=schema_url(EnterpriseUpdated), correlationid="c-1",
    )  # fmt: skip


def test_a_phone_that_changed_ends_what_the_former_one_stood_for(
    gateway: Gateway, letters: Letters, registry: Registry
) -> None:
    phone = registry.has("21.71")
    [(owner, _)] = registry.known[phone]
    registry.known[phone].append((other := str(uuid.uuid4()), "21.72"))
    begun = confirm(gateway, phone, code_for(gateway, letters, phone)).json or {}

    def hear(*envelopes: Envelope[EnterpriseUpdated]) -> None:
        with UnitOfWork(gateway.held.database, SYSTEM) as uow:
            follow_phones(uow, list(envelopes))

    def scopes() -> list[str]:
        me = gateway.request("GET", "/me", begun["token"])
        return [each["scope"] for each in (me.json or {}).get("grants", [])]

    # of something else, and a number that comes back
    hear(phone_changed(owner, a_phone(), "name"), phone_changed(str(uuid.uuid4()), None, "owner.phone"))
    hear(phone_changed(owner, a_phone(), "owner.phone"), phone_changed(owner, phone, "owner.phone"))
    assert scopes() == ["21.71", "21.72"]
    hear(phone_changed(owner, a_phone(), "owner.phone"))
    assert scopes() == ["21.72"]
    hear(phone_changed(other, None, "owner.phone"))
    assert gateway.request("GET", "/me", begun["token"]).status_code == 401


def code_for_next(gateway: Gateway, letters: Letters, phone: str, count: int) -> str:
    assert ask(gateway, phone).status_code == 200
    sent = eventually(lambda: (found := letters.all_to(phone)) and len(found) == count and found)
    assert isinstance(sent, list)
    code: str = sent[-1]["secret"]
    return code


def test_every_phone_gets_the_same_answer_and_only_an_owner_s_a_code(
    gateway: Gateway, letters: Letters, registry: Registry
) -> None:
    took: dict[str, list[float]] = {"known": [], "unknown": []}
    unknown = [a_phone() for _ in range(8)]
    for stranger in unknown:
        for kind, phone in (("known", registry.has("21.71")), ("unknown", stranger)):
            began = time.perf_counter()
            assert (ask(gateway, phone).status_code, ask(gateway, phone).json) == (200, {"expires_in": 300})
            took[kind].append(time.perf_counter() - began)
    assert 1 / 3 < min(took["known"]) / min(took["unknown"]) < 3
    eventually(lambda: errands(gateway) == 0)
    assert [letters.all_to(phone) for phone in unknown] == [[]] * 8
    refused = confirm(gateway, unknown[0], WRONG)
    assert (refused.status_code, (refused.json or {})["code"]) == (401, "code-refused")
    assert "Lihat lagi SMS" in (refused.json or {})["detail"]


def test_a_code_may_be_tried_five_times(gateway: Gateway, letters: Letters, registry: Registry) -> None:
    phone = registry.has("21.71")
    code = code_for(gateway, letters, phone)
    wrong = WRONG if code != WRONG else "111111"
    for _ in range(one_time_codes.TRIES):
        assert confirm(gateway, phone, wrong).status_code == 401
    assert confirm(gateway, phone, code).status_code == 401


def test_the_right_code_at_the_same_moment_is_one_sign_in(
    gateway: Gateway, letters: Letters, registry: Registry
) -> None:
    phone = registry.has("21.71")
    code = code_for(gateway, letters, phone)
    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(lambda _: confirm(gateway, phone, code).status_code, range(4)))
    assert answers == [201, 401, 401, 401]


def test_a_code_expires(gateway: Gateway, letters: Letters, registry: Registry) -> None:
    phone = registry.has("21.71")
    code = code_for(gateway, letters, phone)
    with gateway.held.database.engine.begin() as connection:
        connection.execute(text("UPDATE phone_code SET expires_at = now() - interval '1 second'"))
    assert confirm(gateway, phone, code).status_code == 401


def test_who_is_no_owner_any_more_and_who_was_disabled_can_not_sign_in(
    gateway: Gateway, letters: Letters, registry: Registry
) -> None:
    phone, gone = registry.has("21.71"), registry.has("21.71")
    account = (confirm(gateway, phone, code_for(gateway, letters, phone)).json or {})["account"]
    path, at = f"/accounts/{account['id']}", {"If-Match": '"1"'}
    grants = {"grants": [{"role": "head", "scope": "21.71"}]}
    assert gateway.request("PATCH", path, json=grants, headers=at).status_code == 403
    assert gateway.request("PATCH", path, json={"disabled": True}, headers=at).status_code == 200
    assert confirm(gateway, phone, code_for_next(gateway, letters, phone, 2)).status_code == 401
    code = code_for(gateway, letters, gone)
    registry.known.clear()
    assert confirm(gateway, gone, code).status_code == 401


def test_codes_are_not_sent_to_one_phone_or_for_one_address_without_end(
    gateway: Gateway, letters: Letters, registry: Registry
) -> None:
    phone = registry.has("21.71")
    answers = [ask(gateway, phone).status_code for _ in range(throttle.FREE_PER_PHONE + 1)]
    assert answers == [200] * throttle.FREE_PER_PHONE + [429]
    address = an_address()
    many = [ask(gateway, a_phone(), address).status_code for _ in range(throttle.FREE_PHONES_PER_ADDRESS + 1)]
    assert many == [200] * throttle.FREE_PHONES_PER_ADDRESS + [429]
    eventually(lambda: errands(gateway) == 0)
    assert len(letters.all_to(phone)) == throttle.FREE_PER_PHONE


def test_administrators_find_owners_accounts_apart_from_people_s(
    gateway: Gateway, letters: Letters, registry: Registry
) -> None:
    made = []
    for _ in range(3):
        phone = registry.has("33.74")
        made.append((confirm(gateway, phone, code_for(gateway, letters, phone)).json or {})["account"]["id"])
    head, seen, cursor = gateway.make("head", "33.74"), [], ""
    while True:
        page = gateway.request("GET", f"/accounts?kind=owner&limit=2{cursor}", head["token"]).json or {}
        seen += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == made
    people = gateway.request("GET", "/accounts", head["token"]).json or {}
    assert {each["kind"] for each in people["items"]} == {"person"}
    assert gateway.request("GET", "/accounts?kind=owner&cursor=YWJj", head["token"]).status_code == 422


@pytest.mark.parametrize("phone", ["", "abc", "12", "+999123456789", "0812 7000 1234 5678 9"])
def test_what_is_no_phone_is_said(gateway: Gateway, phone: str) -> None:
    answer = ask(gateway, phone)
    assert (answer.status_code, list((answer.json or {})["errors"])) == (422, ["phone"])


def test_codes_are_stored_nowhere(gateway: Gateway, letters: Letters, registry: Registry) -> None:
    phone = registry.has("21.71")
    code = code_for(gateway, letters, phone)
    everything = stored(gateway, "phone_code", "errand", "attempt", "plut.audit")
    assert "account.code-sent" in everything
    assert f'"{code}"' not in everything
    assert phone not in everything
