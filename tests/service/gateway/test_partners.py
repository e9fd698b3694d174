from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.service.gateway.conftest import Gateway, stored


def days(count: float) -> str:
    return (datetime.now(UTC) + timedelta(days=count)).isoformat()


def partner(gateway: Gateway, *scopes: str) -> str:
    made = gateway.request("POST", "/accounts/partners", json={"name": "Bank", "scopes": list(scopes) or ["21"]})
    assert made.status_code == 201, made.text
    account = made.json or {}
    assert (account["kind"], account["email"]) == ("partner", None)
    found: str = account["id"]
    return found


def make(gateway: Gateway, who: str, token: str | None = None, **changes: Any) -> dict[str, Any]:
    body = {"name": "produksi", "expires_at": days(90)} | changes
    made = gateway.request("POST", f"/accounts/{who}/keys", token, json=body)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json or {}
    return found


def works(gateway: Gateway, key: dict[str, Any]) -> bool:
    return gateway.request("GET", "/me", key["key"]).status_code == 200


def test_a_key_stands_for_its_partner(gateway: Gateway) -> None:
    who = partner(gateway, "21", "12.75")
    made = make(gateway, who)
    assert re.fullmatch(r"plutk_[a-z0-9]{8}_[\w-]{43}", made["key"])
    assert made["key"].startswith(made["prefix"])
    me = gateway.request("GET", "/me", made["key"]).json or {}
    assert me["id"] == who
    assert me["grants"] == [{"role": "partner", "scope": scope} for scope in ("12.75", "21")]
    assert gateway.request("GET", "/accounts", made["key"]).status_code == 403
    [listed] = (gateway.request("GET", f"/accounts/{who}/keys").json or {})["items"]
    assert (listed["holds"], listed["last_used_at"] is not None) == (True, True)
    assert "key" not in listed
    assert works(gateway, {"key": made["key"][:-1] + ("a" if made["key"][-1] != "a" else "b")}) is False


def test_a_key_is_rotated_with_an_overlap_and_revoked_at_once(gateway: Gateway) -> None:
    who = partner(gateway)
    first = make(gateway, who)
    body = {"overlap_hours": 24, "expires_at": days(90)}
    rotated = gateway.request("POST", f"/accounts/{who}/keys/{first['id']}/rotate", json=body)
    assert rotated.status_code == 201, rotated.text
    second = rotated.json or {}
    assert second["name"] == "produksi"
    assert works(gateway, first)
    assert works(gateway, second)
    with gateway.held.database.engine.begin() as connection:
        left = connection.execute(
            text("SELECT expires_at - now() FROM partner_key WHERE id = :id"), {"id": first["id"]}
        ).scalar_one()
        assert timedelta(hours=23) < left <= timedelta(hours=24)
        connection.execute(
            text("UPDATE partner_key SET expires_at = now() - interval '1 second' WHERE id = :id"), {"id": first["id"]}
        )
    assert not works(gateway, first)
    assert gateway.request("POST", f"/accounts/{who}/keys/{first['id']}/rotate", json=body).status_code == 404
    assert gateway.request("DELETE", f"/accounts/{who}/keys/{second['id']}").status_code == 204
    assert not works(gateway, second)
    assert gateway.request("DELETE", f"/accounts/{who}/keys/{second['id']}").status_code == 404
    at_once = make(gateway, who)
    body["overlap_hours"] = 0
    assert gateway.request("POST", f"/accounts/{who}/keys/{at_once['id']}/rotate", json=body).status_code == 201
    assert not works(gateway, at_once)


def test_a_disabled_partner_is_refused_with_every_key(gateway: Gateway) -> None:
    who = partner(gateway)
    keys = [make(gateway, who) for _ in range(2)]
    gateway.request("PATCH", f"/accounts/{who}", json={"disabled": True}, headers={"If-Match": '"1"'})
    assert [works(gateway, key) for key in keys] == [False, False]


@pytest.mark.parametrize(("expires_at", "said"), [(-1, "in the past"), (401, "At most 400 days")])
def test_a_key_ends_and_not_too_late(gateway: Gateway, expires_at: float, said: str) -> None:
    body = {"name": "x", "expires_at": days(expires_at)}
    answer = gateway.request("POST", f"/accounts/{partner(gateway)}/keys", json=body)
    assert (answer.status_code, list((answer.json or {})["errors"])) == (422, ["expires_at"])
    assert said in (answer.json or {})["errors"]["expires_at"][0]


def test_not_more_than_ten_hold_at_once(gateway: Gateway) -> None:
    who = partner(gateway)
    for _ in range(10):
        make(gateway, who)
    answer = gateway.request("POST", f"/accounts/{who}/keys", json={"name": "x", "expires_at": days(1)})
    assert (answer.status_code, (answer.json or {})["code"]) == (422, "gateway.keys-refused")


@pytest.mark.parametrize(("role", "scope"), [("national", ""), ("province", "21"), ("head", "21.71")])
def test_who_answers_for_a_place_has_to_do_with_its_partners(gateway: Gateway, role: str, scope: str) -> None:
    token = gateway.make(role, scope)["token"]
    made = gateway.request("POST", "/accounts/partners", token, json={"name": "Bank", "scopes": ["21.71"]})
    assert made.status_code == 201, made.text
    there = str((made.json or {})["id"])
    key = make(gateway, there, token)
    assert gateway.request("GET", f"/accounts/{there}/keys", token).status_code == 200
    assert gateway.request("DELETE", f"/accounts/{there}/keys/{key['id']}", token).status_code == 204


def test_nobody_has_to_do_with_a_partner_of_more_than_their_own_place(gateway: Gateway) -> None:
    there = partner(gateway, "21", "21.71")
    key = make(gateway, there)
    for who in (gateway.make("province", "12"), gateway.make("head", "21.71")):
        asked = {"name": "Bank", "scopes": ["21.71", "21"]}
        wider = gateway.request("POST", "/accounts/partners", who["token"], json=asked)
        assert (wider.status_code, (wider.json or {})["code"]) == (403, "out-of-scope")
        [field] = (wider.json or {})["errors"]
        assert field in ("scopes.0", "scopes.1"), "what was sent is named"
        path = f"/accounts/{there}/keys"
        assert gateway.request("GET", path, who["token"]).status_code in (403, 404)
        body = {"name": "x", "expires_at": days(1)}
        assert gateway.request("POST", path, who["token"], json=body).status_code in (403, 404)
        assert gateway.request("DELETE", f"{path}/{key['id']}", who["token"]).status_code in (403, 404)
    assert works(gateway, key)


def test_people_have_no_keys(gateway: Gateway) -> None:
    somebody = gateway.make("staff", "21.71")
    assert gateway.request("GET", f"/accounts/{somebody['id']}/keys").status_code == 404


def test_a_partner_is_nothing_else(gateway: Gateway) -> None:
    who = partner(gateway)
    path, at = f"/accounts/{who}", {"If-Match": '"1"'}
    for change in ({"password": "gajah hutan merah 9"}, {"grants": [{"role": "head", "scope": "21.71"}]}):
        assert gateway.request("PATCH", path, json=change, headers=at).status_code == 403
    wider = {"grants": [{"role": "partner", "scope": ""}]}
    assert gateway.request("PATCH", path, json=wider, headers=at).status_code == 200


def test_the_same_idempotency_key_makes_one_key_and_keys_are_stored_nowhere(gateway: Gateway) -> None:
    who, header = partner(gateway), {"Idempotency-Key": str(uuid.uuid4())}
    asked = {"json": {"name": "x", "expires_at": days(1)}, "headers": header}
    first, second = (gateway.request("POST", f"/accounts/{who}/keys", **asked) for _ in range(2))
    assert first.json == second.json
    key = (first.json or {})["key"]
    everything = stored(gateway, "partner_key", "plut.audit", "plut.idempotency")
    assert "partner-key.made" in everything
    assert key not in everything
    assert key.rpartition("_")[2].encode().hex() not in everything
