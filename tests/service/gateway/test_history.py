from __future__ import annotations

from typing import Any

from sqlalchemy import text

from gateway.identity import throttle
from tests.service.gateway.conftest import PASSWORD, Gateway, Letters, acts_on, stored
from tests.service.gateway.factors import enrol, sign_in
from tests.service.gateway.test_passwords_by_mail import NEW, errands, forgotten, set_password
from tests.stack import eventually


def tries(gateway: Gateway, token: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (gateway.request("GET", "/me/sign-ins", token).json or {})["items"]
    return items


def wrong(gateway: Gateway, account: dict[str, Any], address: str, **body: str) -> int:
    json = {"password": "a wrong password"} | body
    return sign_in(gateway, account, address=address, json=json).status_code


def test_one_sees_what_became_of_every_try(gateway: Gateway) -> None:
    somebody = gateway.make("staff", "21.71")
    assert wrong(gateway, somebody, "203.0.113.5", label="entah") == 401
    assert sign_in(gateway, somebody, address="10.0.0.7", json={"label": "laptop kantor"}).status_code == 201
    phone = enrol(gateway, somebody["token"])
    assert sign_in(gateway, somebody, "000000").status_code == 401
    assert sign_in(gateway, somebody, phone.code()).status_code == 201
    gateway.held.courier.wake()
    seen = eventually(lambda: len(found := tries(gateway, somebody["token"])) == 4 and found, 15)
    assert isinstance(seen, list)
    told = {(each["accepted"], each["method"], each["address"], each["label"][:8]) for each in seen}
    assert {
        (False, "password", "203.0.113.5", "entah"), (True, "password", "10.0.0.7", "laptop k"),
    } <= told  # fmt: skip
    at = [each["at"] for each in seen]
    assert at == sorted(at, reverse=True), "what is written down late stands where it happened"
    assert {(each["accepted"], each["method"]) for each in seen} >= {(False, "password+code"), (True, "password+code")}


def test_pages_follow_each_other(gateway: Gateway) -> None:
    somebody = gateway.make("staff", "21.71")
    for _ in range(5):
        assert sign_in(gateway, somebody).status_code == 201
    seen, cursor = [], ""
    while True:
        page = gateway.request("GET", f"/me/sign-ins?limit=2{cursor}", somebody["token"]).json or {}
        seen += [each["at"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)


def test_administrators_see_it_within_their_scope_and_that_is_on_record(gateway: Gateway) -> None:
    staff, head = gateway.make("staff", "21.71"), gateway.make("head", "21.71")
    stranger, colleague = gateway.make("head", "12.75"), gateway.make("staff", "21.71")
    sign_in(gateway, staff)
    path = f"/accounts/{staff['id']}/sign-ins"
    seen = gateway.request("GET", path, head["token"])
    assert (seen.status_code, len((seen.json or {})["items"])) == (200, 1)
    assert gateway.request("GET", path, stranger["token"]).status_code == 404
    assert gateway.request("GET", path, colleague["token"]).status_code == 403
    assert gateway.request("GET", f"/accounts/{head['id']}/sign-ins", colleague["token"]).status_code == 403
    assert "account.history-read" in acts_on(gateway, staff["id"])


def test_an_administrator_ends_all_of_somebody_s_sign_ins(gateway: Gateway) -> None:
    staff, head, stranger = (gateway.make(*role) for role in (("staff", "21.71"), ("head", "21.71"), ("head", "12.75")))
    second = sign_in(gateway, staff).json or {}
    path = f"/accounts/{staff['id']}/sessions"
    assert gateway.request("DELETE", path, stranger["token"]).status_code == 404
    assert gateway.request("DELETE", path, staff["token"]).status_code == 403
    assert gateway.request("DELETE", path, head["token"]).status_code == 204
    assert {gateway.request("GET", "/me", token).status_code for token in (staff["token"], second["token"])} == {401}


def test_a_new_device_is_told_and_a_known_one_is_not(gateway: Gateway, letters: Letters) -> None:
    somebody = gateway.make("staff", "21.71")
    first = sign_in(gateway, somebody, address="10.0.0.1", json={"label": "laptop"}).json or {}
    again = {"label": "laptop dibawa pulang", "device_token": first["device_token"]}
    second = sign_in(gateway, somebody, address="10.0.0.2", json=again).json or {}
    assert second["device_token"] == first["device_token"]
    assert sign_in(gateway, somebody, address="10.0.0.1", json={"label": "laptop"}).status_code == 201
    eventually(lambda: errands(gateway) == 0, 10)
    assert letters.all_to(somebody["email"]) == []
    sign_in(gateway, somebody, address="203.0.113.66", json={"label": "ponsel asing"})
    told = letters.to(somebody["email"], "new-sign-in")
    assert (told["params"]["label"], told["params"]["address"]) == ("ponsel asing", "203.0.113.66")
    assert [each["new_device"] for each in tries(gateway, second["token"])] == [True, False, False, False]


def test_a_known_device_is_not_kept_out_by_others_guesses(gateway: Gateway) -> None:
    somebody = gateway.make("staff", "21.71")
    device = (sign_in(gateway, somebody, address="10.0.0.1").json or {})["device_token"]
    for number in range(throttle.FREE_PER_ACCOUNT):
        assert wrong(gateway, somebody, f"203.0.113.{number}") == 401
    assert wrong(gateway, somebody, "198.51.100.1") == 429, "many addresses guess at one account"
    assert sign_in(gateway, somebody, address="198.51.100.2").status_code == 429
    assert sign_in(gateway, somebody, address="10.0.0.1", json={"device_token": device}).status_code == 201
    # from the guessers' own address, too: what counts is the device
    assert sign_in(gateway, somebody, address="203.0.113.1", json={"device_token": device}).status_code == 201


def test_a_device_counts_for_itself_and_for_its_account_alone(gateway: Gateway) -> None:
    somebody, other = gateway.make("staff", "21.71"), gateway.make("staff", "21.71")
    device = (sign_in(gateway, somebody).json or {})["device_token"]
    answers = [
        wrong(gateway, somebody, f"198.51.101.{number}", device_token=device)
        for number in range(throttle.FREE_PER_PAIR + 1)
    ]
    assert answers == [401] * throttle.FREE_PER_PAIR + [429], "a stolen device is no way around the limit"
    for number in range(throttle.FREE_PER_ACCOUNT):
        wrong(gateway, other, f"203.0.114.{number}", device_token=device)
    assert wrong(gateway, other, "198.51.102.9", device_token=device) == 429, "somebody else's device is an unknown one"


def test_a_forgotten_password_makes_every_device_a_new_one(gateway: Gateway, letters: Letters) -> None:
    somebody = gateway.make("staff", "21.71")
    device = (sign_in(gateway, somebody).json or {})["device_token"]
    forgotten(gateway, somebody["email"])
    assert set_password(gateway, letters.to(somebody["email"], "password-reset")["secret"]).status_code == 204
    body = {"email": somebody["email"], "password": NEW, "device_token": device, "label": "maling"}
    begun = gateway.client.post("/api/v1/session", json=body, environ_base={"REMOTE_ADDR": "203.0.113.99"})
    assert (begun.json or {})["device_token"] != device
    assert letters.to(somebody["email"], "new-sign-in")


def test_history_and_devices_are_kept_for_half_a_year(gateway: Gateway) -> None:
    somebody = gateway.make("staff", "21.71")
    device = (sign_in(gateway, somebody).json or {})["device_token"]
    with gateway.held.database.engine.begin() as connection:
        for table, column in (("sign_in_history", "at"), ("device", "seen_at")):
            connection.execute(text(f"UPDATE {table} SET {column} = now() - interval '181 days'"))
    begun = sign_in(gateway, somebody, json={"device_token": device}).json or {}
    again = sign_in(gateway, somebody, json={"device_token": begun["device_token"]}).json or {}
    assert len(tries(gateway, again["token"])) == 2


def test_device_tokens_are_stored_nowhere(gateway: Gateway) -> None:
    somebody = gateway.make("staff", "21.71")
    device = (sign_in(gateway, somebody).json or {})["device_token"]
    everything = stored(gateway, "device", "sign_in_history", "sign_in", "plut.audit")
    assert somebody["id"] in everything
    for secret in (device, PASSWORD):
        assert secret not in everything
        assert secret.encode().hex() not in everything
