from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from chassis.unit_of_work import UnitOfWork
from contracts.access import SYSTEM
from tests.service.gateway.conftest import PASSWORD, Gateway, a_unit


def body(**changes: Any) -> dict[str, Any]:
    return {
        "email": f"{uuid.uuid4().hex[:8]}@plut.localhost",
        "name": "Somebody",
        "password": PASSWORD,
        "grants": [{"role": "staff", "scope": "21.71"}],
    } | changes


def test_a_head_makes_accounts_for_the_own_unit_and_sees_only_those(gateway: Gateway) -> None:
    unit = a_unit()
    batam, pinang = gateway.make("head", "21.71"), gateway.make("head", unit)
    made = gateway.request("POST", "/accounts", batam["token"], json=body())
    assert made.status_code == 201
    assert made.json is not None
    assert made.headers["ETag"] == '"1"'
    assert made.headers["Location"] == f"/api/v1/accounts/{made.json['id']}"
    assert gateway.request("GET", f"/accounts/{made.json['id']}", batam["token"]).status_code == 200
    assert gateway.request("GET", f"/accounts/{made.json['id']}", pinang["token"]).status_code == 404
    change = gateway.request(
        "PATCH", f"/accounts/{made.json['id']}", pinang["token"], json={"disabled": True}, headers={"If-Match": '"1"'}
    )
    assert change.status_code == 404
    listed = gateway.request("GET", "/accounts", pinang["token"]).json
    assert listed is not None
    assert {each["email"] for each in listed["items"]} == {pinang["email"]}


@pytest.mark.parametrize("role", ["staff", "consultant", "owner", "partner"])
def test_who_administers_nothing_sees_no_accounts(gateway: Gateway, role: str) -> None:
    somebody = gateway.make(role, "21.71")
    for method, path in (("GET", "/accounts"), ("GET", f"/accounts/{somebody['id']}"), ("POST", "/accounts")):
        answer = gateway.request(method, path, somebody["token"], json=body() if method == "POST" else None)
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("grant", "status"),
    [
        ({"role": "staff", "scope": "21.72"}, 403),
        ({"role": "head", "scope": "21"}, 403),
        ({"role": "province", "scope": "21"}, 403),
        ({"role": "operator", "scope": ""}, 403),
        ({"role": "head", "scope": ""}, 422),
        ({"role": "emperor", "scope": "21.71"}, 422),
        ({"role": "staff", "scope": "21.7"}, 422),
        ({"role": "staff", "scope": "21.71", "extra": 1}, 422),
        ({"role": "staff"}, 422),
    ],
)
def test_nobody_gives_more_than_they_have(gateway: Gateway, grant: dict[str, Any], status: int) -> None:
    head = gateway.make("head", "21.71")
    answer = gateway.request("POST", "/accounts", head["token"], json=body(grants=[grant]))
    assert answer.status_code == status
    assert answer.json is not None
    assert all(name.startswith("grants.0") for name in answer.json["errors"])
    assert gateway.sign_in(body()["email"]).status_code == 401


@pytest.mark.parametrize("role", ["owner", "partner"])
def test_owners_and_partners_are_not_made_of_people(gateway: Gateway, role: str) -> None:
    asked, somebody = body(grants=[{"role": role, "scope": "21.71"}]), gateway.make("staff", "21.71")
    at = {"If-Match": '"1"'}
    for answer in (
        gateway.request("POST", "/accounts", json=asked),
        gateway.request(
            "POST", "/accounts/invitations", json={name: asked[name] for name in asked if name != "password"}
        ),
        gateway.request("PATCH", f"/accounts/{somebody['id']}", json={"grants": asked["grants"]}, headers=at),
    ):
        told = answer.json or {}
        assert (answer.status_code, list(told["errors"])) == (422, ["grants.0.role"])
        assert "sign in by" in told["errors"]["grants.0.role"][0]


def test_who_has_more_can_not_be_changed_by_who_has_less(gateway: Gateway) -> None:
    head = gateway.make("head", "21.71")
    grants = [{"role": "staff", "scope": "21.71"}, {"role": "province", "scope": "21"}]
    both = gateway.request("POST", "/accounts", json=body(grants=grants)).json
    assert both is not None
    for change in ({"disabled": True}, {"password": "gajah hutan merah 9"}, {"grants": []}, {"name": "X"}):
        answer = gateway.request(
            "PATCH", f"/accounts/{both['id']}", head["token"], json=change, headers={"If-Match": '"1"'}
        )
        assert answer.status_code == 403
    for change in ({"grants": [{"role": "operator", "scope": ""}]}, {"name": "X"}):
        answer = gateway.request(
            "PATCH", f"/accounts/{head['id']}", head["token"], json=change, headers={"If-Match": '"1"'}
        )
        assert answer.status_code == 403, "one's own account"


def test_a_change_of_role_works_at_once(gateway: Gateway) -> None:
    head = gateway.make("head", "21.71")
    assert gateway.request("GET", "/accounts", head["token"]).status_code == 200
    changed = gateway.request(
        "PATCH",
        f"/accounts/{head['id']}",
        json={"grants": [{"role": "staff", "scope": "21.71"}]},
        headers={"If-Match": '"1"'},
    )
    assert changed.status_code == 200
    assert changed.headers["ETag"] == '"2"'
    assert gateway.request("GET", "/accounts", head["token"]).status_code == 403


def test_versions_keep_people_from_overwriting_each_other(gateway: Gateway) -> None:
    somebody = gateway.make("staff", "21.71")
    path = f"/accounts/{somebody['id']}"
    assert gateway.request("PATCH", path, json={"name": "A"}).status_code == 428
    assert gateway.request("PATCH", path, json={"name": "A"}, headers={"If-Match": '"9"'}).status_code == 412
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda n: (
                    gateway.request("PATCH", path, json={"name": f"N{n}"}, headers={"If-Match": '"1"'}).status_code
                ),
                range(8),
            )
        )
    assert sorted(answers) == [200] + [412] * 7
    assert gateway.request("GET", path, headers={"If-None-Match": '"2"'}).status_code == 304
    assert gateway.request("GET", path, headers={"If-None-Match": '"1"'}).status_code == 200


def test_an_e_mail_stands_for_one_account(gateway: Gateway) -> None:
    first = body()
    assert gateway.request("POST", "/accounts", json=first).status_code == 201
    again = gateway.request("POST", "/accounts", json=first | {"email": first["email"].upper()})
    assert again.status_code == 409
    assert again.json is not None
    assert list(again.json["errors"]) == ["email"]


def test_one_key_is_one_account_however_often_and_however_fast(gateway: Gateway) -> None:
    asked, key = body(), {"Idempotency-Key": str(uuid.uuid4())}
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: gateway.request("POST", "/accounts", json=asked, headers=key), range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({(answer.json or {})["id"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 9
    for changed in ({"name": "Another"}, {"password": "gajah hutan merah 9"}):
        assert gateway.request("POST", "/accounts", json=asked | changed, headers=key).status_code == 422
    with gateway.held.database.engine.connect() as connection:
        count = connection.execute(text("SELECT count(*) FROM account WHERE email = :email"), {"email": asked["email"]})
        assert count.scalar_one() == 1


def test_a_refused_request_leaves_its_key_free(gateway: Gateway) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    assert gateway.request("POST", "/accounts", json=body(password="rahasia123456"), headers=key).status_code == 422
    assert gateway.request("POST", "/accounts", json=body(), headers=key).status_code == 201


def test_pages_go_through_all_accounts_once(gateway: Gateway) -> None:
    made = {(gateway.request("POST", "/accounts", json=body()).json or {})["email"] for _ in range(5)}
    seen: list[str] = []
    cursor = ""
    while True:
        page = gateway.request("GET", f"/accounts?limit=2{cursor}").json
        assert page is not None
        seen += [each["email"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == sorted(seen)
    assert made < set(seen)
    one = made.pop()
    found = gateway.request("GET", f"/accounts?q={one[:8]}").json
    assert found is not None
    assert [each["email"] for each in found["items"]] == [one]
    nothing = gateway.request("GET", "/accounts?q=%25").json
    assert nothing is not None
    assert nothing["items"] == []


def test_what_was_done_is_on_record(gateway: Gateway) -> None:
    made = gateway.request("POST", "/accounts", json=body()).json
    assert made is not None
    gateway.request("PATCH", f"/accounts/{made['id']}", json={"disabled": True}, headers={"If-Match": '"1"'})
    with UnitOfWork(gateway.held.database, SYSTEM) as uow:
        actions = uow.session.execute(
            text("SELECT action FROM plut.audit WHERE subject = :id ORDER BY at"), {"id": made["id"]}
        ).scalars()
        assert list(actions) == ["account.created", "account.changed"]
