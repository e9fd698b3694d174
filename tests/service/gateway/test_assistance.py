"""Assisted mode: who may begin and end it, what it opens, and that the owner hears of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from chassis.unit_of_work import UnitOfWork
from contracts.access import SYSTEM, Grant
from contracts.errors import PlutError
from gateway.identity.tables import account_owner
from tests.service.gateway.conftest import Gateway, Letters, a_unit, acts_on
from tests.stack import eventually

ABOUT: dict[str, Any] = {"how": "in-person", "witness": "Rahmat, ketua RT 02", "note": "Di rumah Ibu Siti"}
MINE = "/registry/my/enterprises"


@dataclass
class Village:
    """A unit with a consultant, and an owner whom the registry knows."""

    gateway: Gateway
    unit: str
    owner: str
    phone: str | None
    consultant: dict[str, Any]
    owner_token: str

    def begin(self, token: str | None = None, **changes: Any) -> TestResponse:
        body = ABOUT | {"owner": self.owner} | changes
        return self.gateway.request("POST", "/assistance", token or self.consultant["token"], json=body)

    def begun(self, **changes: Any) -> str:
        answer = self.begin(**changes)
        assert answer.status_code == 201, answer.text
        return str((answer.json or {})["id"])

    def end(self, one: str, token: str) -> TestResponse:
        return self.gateway.request("POST", f"/assistance/{one}/end", token, json={"reason": "Sudah mandiri"})

    def on_behalf(self, one: str, path: str = MINE, token: str | None = None, verb: str = "GET") -> TestResponse:
        headers = {"Plut-On-Behalf-Of": one}
        return self.gateway.request(verb, path, token or self.consultant["token"], headers=headers)

    def get(self, one: str, token: str) -> dict[str, Any]:
        answer = self.gateway.request("GET", f"/assistance/{one}", token)
        return dict(answer.json or {}) | {"status": answer.status_code}


def an_owner(gateway: Gateway, unit: str, owner: str) -> str:
    """A token of the owner's own account."""
    made = gateway.make("owner", unit)
    with UnitOfWork(gateway.held.database, SYSTEM) as uow:
        uow.session.execute(account_owner.insert().values(account_id=made["id"], owner_id=owner, unit=unit))
    return str(made["token"])


@pytest.fixture
def village(gateway: Gateway, letters: Letters) -> Village:  # noqa: ARG001 - notifications takes what comes
    unit, owner = a_unit(), str(uuid.uuid4())
    made = Village(
        gateway, unit, owner, f"+62812{uuid.uuid4().int % 10**8:08d}", gateway.make("consultant", unit),
        an_owner(gateway, unit, owner),
    )  # fmt: skip

    def contact(request: Any, context: Any) -> dict[str, Any]:
        if str(request["id"]) != owner or not any(unit.startswith(grant.scope) for grant in context.grants):
            raise PlutError("registry.owner-not-found", "There is no such owner.", "Tidak ada.")
        return {"id": owner, "unit": unit, "phone": made.phone, "office": "PLUT Batam", "office_phone": None}

    gateway.services.answers["registry.get_owner_contact"] = contact
    gateway.services.answers["registry.list_my_enterprises"] = lambda *_: {"items": []}
    for service in ("registry", "notifications"):
        gateway.services.answers[f"{service}.list_acts_on_behalf"] = lambda *_: {"items": [], "next": None}
    return made


def test_it_is_begun_with_how_the_owner_allowed_it_and_the_owner_is_told(village: Village, letters: Letters) -> None:
    assert village.phone is not None
    answer = village.begin()
    begun = answer.json or {}
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/api/v1/assistance/{begun['id']}")
    assert begun["helper"] == {"account": village.consultant["id"], "name": "Somebody"}
    assert ABOUT.items() <= begun.items()
    assert (begun["holds"], begun["owner"], begun["unit"]) == (True, village.owner, village.unit)
    lasts = datetime.fromisoformat(begun["until"]) - datetime.fromisoformat(begun["begun_at"])
    assert lasts == timedelta(days=90)
    letter = letters.to(village.phone, "assistance-begun")
    assert (letter["channel"], letter["params"]["helper"], letter["params"]["office"]) == (
        "sms", "Somebody", "PLUT Batam",
    )  # fmt: skip
    assert acts_on(village.gateway, begun["id"]) == ["assistance.begun"]


def test_the_helper_asks_as_the_owner_could_and_with_the_owner_named(village: Village) -> None:
    one = village.begun()
    village.gateway.services.asked.clear()
    assert village.on_behalf(one).status_code == 200
    [asked] = [each for each in village.gateway.services.asked if each.method == "list_my_enterprises"]
    assert asked.context.account == village.consultant["id"]
    assert asked.context.grants == (Grant("owner", village.unit),)
    assert asked.context.owners == (uuid.UUID(village.owner),)
    assert (asked.context.on_behalf_of, asked.context.purpose) == (village.owner, f"assistance:{one}")


def test_without_it_nobody_of_the_office_asks_as_an_owner(village: Village) -> None:
    for path in (MINE, f"/registry/my/requests/{uuid.uuid4()}/file"):
        answer = village.gateway.request("GET" if path == MINE else "POST", path, village.consultant["token"])
        assert (answer.status_code, (answer.json or {})["code"]) == (403, "not-allowed")
        assert "Plut-On-Behalf-Of" in (answer.json or {})["detail"], "who could act for one hears how"
    head = village.gateway.make("head", village.unit)
    assert "Plut-On-Behalf-Of" not in village.gateway.request("GET", MINE, head["token"]).text


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/registry/enterprises"), ("GET", "/me"), ("GET", "/assistance"), ("GET", "/notifications/inbox"),
        ("DELETE", "/session"), ("GET", "/registry/regions"), ("POST", "/registry/enterprises"),
    ],
)  # fmt: skip
def test_on_an_owners_behalf_nothing_else_is_done(village: Village, verb: str, path: str) -> None:
    one = village.begun()
    village.gateway.services.asked.clear()
    answer = village.on_behalf(one, path, verb=verb)
    assert (answer.status_code, (answer.json or {})["code"]) == (403, "on-behalf-refused"), answer.text
    assert "Leave it out" in (answer.json or {})["detail"]
    assert [each.method for each in village.gateway.services.asked if each.service == "registry"] in (
        [], ["get_owner_contact"],
    )  # fmt: skip


@pytest.mark.parametrize("given", ["", "x", "0197f0a2-5b7e-7c3d-9a41-3f2d8c1e6b90", "0197f0a25b7e7c3d9a413f2d8c1e6b90"])
def test_an_assistance_that_is_not_there_opens_nothing(village: Village, given: str) -> None:
    answer = village.on_behalf(given)
    assert (answer.status_code, (answer.json or {})["code"]) == (403, "on-behalf-refused")


def test_nobody_elses_assistance_opens_anything(village: Village) -> None:
    one = village.begun()
    for role in ("consultant", "staff", "head", "operator", "owner", "partner"):
        other = village.gateway.make(role, "" if role == "operator" else village.unit)
        assert village.on_behalf(one, token=other["token"]).status_code == 403, role
    assert village.on_behalf(one, token=village.owner_token).status_code == 403


@pytest.mark.parametrize("by", ["helper", "owner", "head"])
def test_either_ends_it_or_a_head_and_the_next_request_is_refused(village: Village, letters: Letters, by: str) -> None:
    assert village.phone is not None
    one, head = village.begun(), village.gateway.make("head", village.unit)
    tokens = {"helper": village.consultant["token"], "owner": village.owner_token, "head": head["token"]}
    assert village.on_behalf(one).status_code == 200
    ended = village.end(one, tokens[by])
    assert (ended.status_code, (ended.json or {})["ended_by"], (ended.json or {})["holds"]) == (200, by, False)
    assert village.on_behalf(one).status_code == 403
    assert (village.end(one, tokens["helper"]).json or {})["ended_by"] == by
    assert letters.to(village.phone, "assistance-ended")["params"]["helper"] == "Somebody"
    assert len(letters.all_to(village.phone, "assistance-ended")) == 1
    assert acts_on(village.gateway, one) == ["assistance.begun", "assistance.ended"]
    assert village.begin().status_code == 201


def test_it_ends_in_time_and_with_the_helpers_role(village: Village, letters: Letters) -> None:
    assert village.phone is not None
    one = village.begun()
    with village.gateway.held.database.engine.begin() as connection:
        connection.execute(text("UPDATE account_grant SET role = 'partner' WHERE account_id = :id"), village.consultant)
    assert village.on_behalf(one).status_code == 403
    with village.gateway.held.database.engine.begin() as connection:
        connection.execute(text("UPDATE account_grant SET role = 'staff' WHERE account_id = :id"), village.consultant)
    assert village.on_behalf(one).status_code == 200
    with UnitOfWork(village.gateway.held.database, SYSTEM) as uow:
        uow.session.execute(text("UPDATE assistance SET until = now() - interval '1 s' WHERE id = :id"), {"id": one})
        uow.session.execute(text("UPDATE errand SET due_at = now() WHERE due_at > now() + interval '1 day'"))
    assert village.on_behalf(one).status_code == 403
    village.gateway.held.courier.wake()
    assert letters.to(village.phone, "assistance-ended")
    found = village.get(one, village.owner_token)
    assert (found["holds"], found["ended_by"]) == (False, "time")


def test_only_of_the_owners_unit_and_once_at_a_time(village: Village) -> None:
    elsewhere, head = village.gateway.make("consultant", "98.76"), village.gateway.make("head", village.unit)
    assert village.begin(elsewhere["token"]).status_code == 404
    assert village.begin(head["token"]).status_code == 403
    assert village.begin(village.owner_token).status_code == 403
    one = village.begun()
    again = village.begin(witness="Somebody else")
    told = again.json or {}
    assert (again.status_code, told["code"]) == (409, "gateway.assistance-exists")
    assert (told["params"], one in told["detail"]) == ({"assistance": one}, True)
    assert village.get(one, village.consultant["token"])["witness"] == ABOUT["witness"]
    colleague = village.gateway.make("staff", village.unit)
    assert village.begin(colleague["token"]).status_code == 201


@pytest.mark.parametrize(
    "wrong",
    [
        {"witness": None}, {"witness": ""}, {"how": "dreamt"}, {"note": "NIK 2171 0341 0790 0001"},
        {"witness": "Rahmat 2171034107900001"}, {"until": (datetime.now(UTC) + timedelta(days=91)).isoformat()},
        {"until": (datetime.now(UTC) - timedelta(days=1)).isoformat()}, {"unit": "21.71"},
    ],
)  # fmt: skip
def test_what_is_not_right_about_it_is_said(village: Village, wrong: dict[str, Any]) -> None:
    answer = village.begin(**wrong)
    assert (answer.status_code, list((answer.json or {})["errors"])) == (422, list(wrong)), answer.text


def test_an_end_in_the_past_is_called_that(village: Village) -> None:
    answer = village.begin(until=(datetime.now(UTC) - timedelta(days=1)).isoformat())
    assert (answer.json or {})["errors"] == {"until": ["It lies in the past."]}


def test_a_repeated_request_is_one_assistance(village: Village) -> None:
    headers, body = {"Idempotency-Key": str(uuid.uuid4())}, ABOUT | {"owner": village.owner}
    answers = [
        village.gateway.request("POST", "/assistance", village.consultant["token"], json=body, headers=headers)
        for _ in range(2)
    ]
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].json == answers[1].json


def test_everybody_whom_it_concerns_sees_it_and_nobody_else(village: Village) -> None:
    one, gateway = village.begun(), village.gateway
    head, province = gateway.make("head", village.unit), gateway.make("province", village.unit[:2])
    for token in (village.consultant["token"], village.owner_token, head["token"], province["token"]):
        listed = gateway.request("GET", f"/assistance?holds=true&owner={village.owner}", token).json or {}
        assert [each["id"] for each in listed["items"]] == [one]
        assert (gateway.request("GET", f"/assistance?holds=false&owner={village.owner}", token).json or {})[
            "items"
        ] == []
        acts = gateway.request("GET", f"/assistance/{one}/acts", token)
        assert (acts.status_code, (acts.json or {})["missing"]) == (200, [])
    others = [
        gateway.make("consultant", village.unit), gateway.make("staff", village.unit), gateway.make("head", "98.76"),
        gateway.make("owner", village.unit), {"token": an_owner(gateway, village.unit, str(uuid.uuid4()))},
    ]  # fmt: skip
    for other in others:
        assert (gateway.request("GET", "/assistance", other["token"]).json or {})["items"] == []
        for verb, path in (("GET", ""), ("GET", "/acts"), ("POST", "/end")):
            answer = gateway.request(
                verb, f"/assistance/{one}{path}", other["token"], json={} if path == "/end" else None
            )
            assert answer.status_code == 404, (verb, path)
    assert village.get(one, head["token"])["holds"] is True


def test_pages_follow_each_other(village: Village) -> None:
    made = []
    for _ in range(3):
        made.append(village.begun())
        village.end(made[-1], village.consultant["token"])
    seen, cursor = [], ""
    while True:
        page = village.gateway.request("GET", f"/assistance?limit=2{cursor}", village.owner_token).json or {}
        seen += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == made[::-1]


def test_an_owner_without_a_phone_is_not_told_and_that_is_on_record(village: Village) -> None:
    village.phone = None
    village.begun()
    eventually(lambda: acts_on(village.gateway, village.owner) == ["assistance.owner-not-told"], 10)
