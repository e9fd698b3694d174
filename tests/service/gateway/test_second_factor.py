from __future__ import annotations

import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.identity import throttle
from tests.service.gateway.conftest import PASSWORD, Gateway, Letters, stored
from tests.service.gateway.factors import enrol, sign_in
from tests.stack import eventually

OPEN_TO_THE_UNENROLLED = (("GET", "/me"), ("GET", "/me/sessions"), ("GET", "/me/second-factor"))


def test_who_has_a_second_factor_signs_in_with_a_code(gateway: Gateway) -> None:
    somebody = gateway.make("staff", "21.71")
    phone = enrol(gateway, somebody["token"])
    without = sign_in(gateway, somebody)
    assert (without.status_code, (without.json or {})["code"]) == (401, "code-required")
    wrong = sign_in(gateway, somebody, "000000")
    assert (wrong.status_code, (wrong.json or {})["code"]) == (401, "code-refused")
    right = sign_in(gateway, somebody, phone.code())
    assert right.status_code == 201, right.text
    assert (right.json or {})["account"]["second_factor"] is True
    listed = gateway.request("GET", "/me/sessions", (right.json or {})["token"]).json or {}
    assert {each["method"] for each in listed["items"] if each["current"]} == {"password+code"}


def test_what_is_shown_fits_into_an_authenticator(gateway: Gateway) -> None:
    somebody = gateway.make("staff", "21.71")
    shown = gateway.request("POST", "/me/second-factor", somebody["token"], json={"password": PASSWORD}).json or {}
    uri = urlsplit(shown["uri"])
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert parse_qs(uri.query) == {"secret": [shown["secret"]], "issuer": ["PLUT"]}
    assert shown["svg"].startswith("<svg")
    # until it is confirmed nothing has changed
    assert sign_in(gateway, somebody).status_code == 201
    answer = gateway.request("POST", "/me/second-factor", somebody["token"], json={"password": "not this one at all"})
    assert (answer.status_code, list((answer.json or {})["errors"])) == (422, ["password"])


def test_a_wrong_code_is_a_mistake_of_who_is_signed_in_and_no_lack_of_a_sign_in(gateway: Gateway) -> None:
    somebody = gateway.make("staff", "21.71")

    def refused(path: str, **body: str) -> str:
        answer = gateway.request("POST", f"/me/second-factor{path}", somebody["token"], json=body)
        assert answer.status_code == 422, answer.text
        assert "WWW-Authenticate" not in answer.headers
        return str((answer.json or {})["code"])

    assert refused("/confirm", code="000000") == "gateway.enrolment-refused"
    gateway.request("POST", "/me/second-factor", somebody["token"], json={"password": PASSWORD})
    assert refused("/confirm", code="000000") == "gateway.code-refused"
    enrol(gateway, somebody["token"])
    assert refused("/verify", code="000000") == "gateway.code-refused"
    assert refused("/disable", code="000000", password=PASSWORD) == "gateway.code-refused"


def test_only_who_knows_the_password_learns_that_a_code_is_wanted(gateway: Gateway) -> None:
    with_factor, without = gateway.make("staff", "21.71"), gateway.make("staff", "21.71")
    enrol(gateway, with_factor["token"])
    answers = [
        gateway.sign_in(account["email"], "a wrong password", address="198.51.100.1")
        for account in (with_factor, without)
    ]
    told = [{name: value for name, value in (a.json or {}).items() if name != "correlation_id"} for a in answers]
    assert told[0] == told[1]
    assert told[0]["code"] == "sign-in-refused"


def test_a_code_counts_once(gateway: Gateway) -> None:
    somebody = gateway.make("staff", "21.71")
    phone = enrol(gateway, somebody["token"])
    code = phone.code()
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda n: sign_in(gateway, somebody, code, address=f"10.0.0.{n}").status_code, range(4))
        )
    assert sorted(answers) == [201, 401, 401, 401]


def test_a_recovery_code_takes_its_place_once(gateway: Gateway) -> None:
    somebody = gateway.make("staff", "21.71")
    phone = enrol(gateway, somebody["token"])
    assert len(set(phone.recovery_codes)) == 10
    one = phone.recovery_codes[0]
    assert sign_in(gateway, somebody, one.upper().replace("-", " ")).status_code == 201
    assert sign_in(gateway, somebody, one).status_code == 401
    state = gateway.request("GET", "/me/second-factor", somebody["token"]).json or {}
    assert (state["enrolled"], state["recovery_codes_left"]) == (True, 9)


def test_who_administers_accounts_may_only_enrol_until_that_is_done(gateway: Gateway) -> None:
    head = gateway.make("head", "21.71")
    begun = sign_in(gateway, head).json or {}
    assert begun["must_enrol"] is True
    for method, path in OPEN_TO_THE_UNENROLLED:
        assert gateway.request(method, path, begun["token"]).status_code == 200
    for method, path in (("GET", "/accounts"), ("GET", "/registry/enterprises"), ("GET", "/notifications/inbox")):
        refused = gateway.request(method, path, begun["token"])
        assert (refused.status_code, (refused.json or {})["code"]) == (403, "second-factor-required")
    phone = enrol(gateway, begun["token"])
    assert gateway.request("GET", "/accounts", begun["token"]).status_code == 200
    # the sign-in that had proved nothing is gone
    assert gateway.request("GET", "/me", head["token"]).status_code == 401
    again = sign_in(gateway, head, phone.code()).json or {}
    assert again["must_enrol"] is False
    assert gateway.request("GET", "/accounts", again["token"]).status_code == 200


def test_a_role_that_needs_it_can_only_replace_it(gateway: Gateway) -> None:
    head = gateway.make("head", "21.71")
    phone = enrol(gateway, head["token"])
    path, password = "/me/second-factor", {"password": PASSWORD}
    refused = gateway.request("POST", f"{path}/disable", head["token"], json=password | {"code": phone.code()})
    assert (refused.status_code, (refused.json or {})["code"]) == (403, "second-factor-required")
    assert gateway.request("POST", path, head["token"], json=password).status_code == 422
    replaced = gateway.request("POST", path, head["token"], json=password | {"code": phone.recovery_codes[0]})
    assert replaced.status_code == 200
    assert (replaced.json or {})["secret"] != phone.secret


def test_who_may_goes_on_without(gateway: Gateway) -> None:
    somebody = gateway.make("staff", "21.71")
    phone = enrol(gateway, somebody["token"])
    path, body = "/me/second-factor/disable", {"password": PASSWORD, "code": phone.code()}
    answer = gateway.request("POST", path, somebody["token"], json=body)
    assert (answer.status_code, (answer.json or {})["enrolled"]) == (200, False)
    assert sign_in(gateway, somebody).status_code == 201
    # a head of tomorrow has proved nothing yet
    grants = {"grants": [{"role": "head", "scope": "21.71"}]}
    gateway.request("PATCH", f"/accounts/{somebody['id']}", json=grants, headers={"If-Match": '"1"'})
    assert gateway.request("GET", "/accounts", somebody["token"]).status_code == 403


def test_an_administrator_helps_somebody_who_has_lost_everything(gateway: Gateway) -> None:
    staff, head = gateway.make("staff", "21.71"), gateway.make("head", "21.71")
    stranger = gateway.make("head", "12.75")
    enrol(gateway, staff["token"])
    path = f"/accounts/{staff['id']}/second-factor"
    assert gateway.request("DELETE", path, stranger["token"]).status_code == 404
    assert gateway.request("DELETE", f"/accounts/{head['id']}/second-factor", head["token"]).status_code == 403
    assert gateway.request("DELETE", path, head["token"]).status_code == 204
    assert gateway.request("GET", "/me", staff["token"]).status_code == 401
    assert sign_in(gateway, staff).status_code == 201


def test_guessing_codes_is_slowed_down_wherever_it_comes_from(gateway: Gateway) -> None:
    somebody = gateway.make("staff", "21.71")
    phone = enrol(gateway, somebody["token"])
    for number in range(throttle.FREE_CODES):
        assert sign_in(gateway, somebody, "000000", address=f"203.0.113.{number}").status_code == 401
    refused = sign_in(gateway, somebody, phone.code(), address="203.0.113.200")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 16


@pytest.mark.parametrize("path", ["/me/second-factor", "/me/second-factor/disable"])
def test_guessing_from_a_stolen_sign_in_is_slowed_down(gateway: Gateway, path: str) -> None:
    somebody = gateway.make("staff", "21.71")
    body = {"password": "not this one at all", "code": "000000"}
    answers = [gateway.request("POST", path, somebody["token"], json=body).status_code for _ in range(6)]
    assert answers == [422] * throttle.FREE_PER_PAIR + [429]


def test_a_changed_second_factor_is_told(gateway: Gateway, letters: Letters) -> None:
    somebody = gateway.make("staff", "21.71")
    phone = enrol(gateway, somebody["token"])
    assert letters.to(somebody["email"], "second-factor-changed")["secret"] is None
    body = {"password": PASSWORD, "code": phone.code()}
    assert gateway.request("POST", "/me/second-factor/disable", somebody["token"], json=body).status_code == 200
    eventually(lambda: len(letters.all_to(somebody["email"], "second-factor-changed")) == 2, 10)


def test_the_same_key_shows_the_same_secret_again(gateway: Gateway) -> None:
    somebody, key = gateway.make("staff", "21.71"), {"Idempotency-Key": str(uuid.uuid4())}
    asked = {"json": {"password": PASSWORD}, "headers": key}
    first, second = (gateway.request("POST", "/me/second-factor", somebody["token"], **asked) for _ in range(2))
    assert first.json == second.json
    assert second.headers["Idempotency-Replayed"] == "true"


def test_secrets_are_stored_nowhere(gateway: Gateway) -> None:
    somebody = gateway.make("staff", "21.71")
    phone = enrol(gateway, somebody["token"])
    secrets = [phone.secret, *phone.recovery_codes, *(re.sub("-", "", each) for each in phone.recovery_codes)]
    everything = stored(gateway, "second_factor", "recovery_code", "sign_in", "plut.audit", "plut.idempotency")
    assert "account.second-factor-confirmed" in everything
    for secret in secrets:
        assert secret not in everything
        assert secret.encode().hex() not in everything
