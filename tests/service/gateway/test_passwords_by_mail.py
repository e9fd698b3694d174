from __future__ import annotations

import time
import uuid
from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from contracts.access import OPERATOR
from contracts.errors import UNAVAILABLE, PlutError
from gateway.identity import throttle
from tests.service.gateway.conftest import PASSWORD, Gateway, Letters, stored
from tests.stack import eventually

NEW = "gajah hutan merah 9"


def invitation(**changes: Any) -> dict[str, Any]:
    grants = [{"role": "staff", "scope": "21.71"}]
    return {"email": f"{uuid.uuid4().hex[:8]}@plut.localhost", "name": "Sri", "grants": grants} | changes


def forgotten(gateway: Gateway, email: str, address: str | None = None) -> TestResponse:
    where = {"REMOTE_ADDR": address or f"10.{uuid.uuid4().int % 250}.{uuid.uuid4().int % 250}.9"}
    return gateway.client.post("/api/v1/password/forgotten", json={"email": email}, environ_base=where)


def set_password(gateway: Gateway, token: str, password: str = NEW) -> TestResponse:
    where = {"REMOTE_ADDR": f"10.{uuid.uuid4().int % 250}.{uuid.uuid4().int % 250}.8"}
    body = {"token": token, "password": password}
    return gateway.client.post("/api/v1/password", json=body, environ_base=where, headers={"Accept-Language": "en"})


def test_who_is_invited_chooses_a_password(gateway: Gateway, letters: Letters) -> None:
    head = gateway.make("head", "21.71")
    asked = invitation(language="en")
    made = gateway.request("POST", "/accounts/invitations", head["token"], json=asked)
    assert made.status_code == 201, made.text
    assert (made.json or {})["invited"] is True
    letter = letters.to(asked["email"], "invitation")
    assert (letter["language"], letter["params"]["name"], letter["params"]["days"]) == ("en", "Sri", 7)
    assert letter["params"]["link"].endswith("/password")
    assert gateway.sign_in(asked["email"], NEW, address="10.1.1.1").status_code == 401
    for password in ("rahasia123456", asked["email"]):
        weak = set_password(gateway, letter["secret"], password)
        assert (weak.status_code, list((weak.json or {})["errors"])) == (422, ["password"])
    assert set_password(gateway, letter["secret"]).status_code == 204
    signed_in = gateway.sign_in(asked["email"], NEW, address="10.1.1.1")
    assert signed_in.status_code == 201
    assert (signed_in.json or {})["account"]["invited"] is False
    again = set_password(gateway, letter["secret"])
    assert (again.status_code, (again.json or {})["code"]) == (422, "gateway.token-refused")


def test_nobody_invites_to_more_than_they_have(gateway: Gateway, letters: Letters) -> None:
    head = gateway.make("head", "21.71")
    for grant in ({"role": "staff", "scope": "21.72"}, {"role": "province", "scope": "21"}):
        asked = invitation(grants=[grant])
        assert gateway.request("POST", "/accounts/invitations", head["token"], json=asked).status_code == 403
        assert letters.all_to(asked["email"]) == []


def test_an_invitation_can_be_sent_again_which_makes_the_first_void(gateway: Gateway, letters: Letters) -> None:
    asked = invitation()
    made = gateway.request("POST", "/accounts/invitations", json=asked).json or {}
    first = letters.to(asked["email"], "invitation")
    path = f"/accounts/{made['id']}/invitation"
    assert gateway.request("POST", path, json={}).status_code == 200
    second = eventually(lambda: (found := letters.all_to(asked["email"])) and len(found) == 2 and found[-1])
    assert isinstance(second, dict)
    assert set_password(gateway, first["secret"]).status_code == 422
    assert set_password(gateway, second["secret"]).status_code == 204
    refused = gateway.request("POST", path, json={})
    assert (refused.status_code, (refused.json or {})["code"]) == (422, "gateway.invitation-refused")


def test_a_repeat_of_an_invitation_writes_once(gateway: Gateway, letters: Letters) -> None:
    asked, key = invitation(), {"Idempotency-Key": str(uuid.uuid4())}
    answers = [gateway.request("POST", "/accounts/invitations", json=asked, headers=key) for _ in range(3)]
    assert len({(answer.json or {})["id"] for answer in answers}) == 1
    letters.to(asked["email"], "invitation")
    eventually(lambda: errands(gateway) == 0)
    assert len(letters.all_to(asked["email"])) == 1


def test_a_forgotten_password_is_replaced_and_that_is_told(gateway: Gateway, letters: Letters) -> None:
    somebody = gateway.make("staff", "21.71")
    assert forgotten(gateway, somebody["email"].upper()).json == {"sent": True}
    token = letters.to(somebody["email"], "password-reset")["secret"]
    assert gateway.sign_in(somebody["email"]).status_code == 201, "until then the old one holds"
    assert set_password(gateway, token).status_code == 204
    assert gateway.request("GET", "/me", somebody["token"]).status_code == 401
    assert gateway.sign_in(somebody["email"]).status_code == 401
    assert gateway.sign_in(somebody["email"], NEW).status_code == 201
    told = letters.to(somebody["email"], "password-changed")
    assert told["secret"] is None


def test_a_second_factor_outlives_a_forgotten_password(gateway: Gateway, letters: Letters) -> None:
    from tests.service.gateway.factors import enrol  # noqa: PLC0415 - it imports this folder's conftest, too

    somebody = gateway.make("head", "21.71")
    enrol(gateway, somebody["token"])
    forgotten(gateway, somebody["email"])
    assert set_password(gateway, letters.to(somebody["email"], "password-reset")["secret"]).status_code == 204
    assert (gateway.sign_in(somebody["email"], NEW).json or {})["code"] == "code-required"


def test_an_unknown_address_gets_the_same_answer_after_the_same_time_and_no_mail(
    gateway: Gateway, letters: Letters
) -> None:
    known, disabled = gateway.make("staff", "21.71"), gateway.make("staff", "21.71")
    gateway.request("PATCH", f"/accounts/{disabled['id']}", json={"disabled": True}, headers={"If-Match": '"1"'})
    took: dict[str, list[float]] = {"known": [], "unknown": []}
    for number in range(12):
        for kind, email in (("known", known["email"]), ("unknown", f"nobody-{number}@plut.localhost")):
            began = time.perf_counter()
            answer = forgotten(gateway, email)
            took[kind].append(time.perf_counter() - began)
            assert (answer.status_code, answer.json) == (200, {"sent": True})
    assert 1 / 3 < min(took["known"]) / min(took["unknown"]) < 3
    forgotten(gateway, disabled["email"])
    eventually(lambda: errands(gateway) == 0)
    assert [letters.all_to(each) for each in ("nobody-0@plut.localhost", disabled["email"])] == [[], []]
    # who is asked about again and again isn't buried in mails
    assert len(letters.all_to(known["email"])) == 3


def test_asking_too_often_is_slowed_down(gateway: Gateway, letters: Letters) -> None:
    answers = [forgotten(gateway, "nobody@plut.localhost", "10.9.9.9").status_code for _ in range(6)]
    assert answers == [200] * throttle.FREE_PER_PAIR + [429]
    assert letters.all_to("nobody@plut.localhost") == []


def test_a_token_expires(gateway: Gateway, letters: Letters) -> None:
    somebody = gateway.make("staff", "21.71")
    forgotten(gateway, somebody["email"])
    token = letters.to(somebody["email"], "password-reset")["secret"]
    with gateway.held.database.engine.begin() as connection:
        connection.execute(
            text("UPDATE password_token SET expires_at = now() - interval '1 second' WHERE account_id = :id"),
            {"id": somebody["id"]},
        )
    assert set_password(gateway, token).status_code == 422


def test_a_changed_password_is_told(gateway: Gateway, letters: Letters) -> None:
    somebody = gateway.make("staff", "21.71")
    body = {"current": PASSWORD, "new": NEW}
    assert gateway.request("POST", "/me/password", somebody["token"], json=body).status_code == 200
    assert letters.to(somebody["email"], "password-changed")["language"] == "en"


def test_while_notifications_is_away_letters_wait_and_none_is_sent_twice(gateway: Gateway, letters: Letters) -> None:
    asked, tries = invitation(), []

    def at_first_away(request: Any, context: Any) -> dict[str, Any]:
        tries.append(request["id"])
        assert context.has_role({OPERATOR})
        if len(tries) < 3:
            raise PlutError(UNAVAILABLE, "away")
        return {"id": request["id"]}

    gateway.services.answers["notifications.send_secret"] = at_first_away
    assert gateway.request("POST", "/accounts/invitations", json=asked).status_code == 201
    eventually(lambda: errands(gateway) == 0, 20)
    assert len(tries) == 3
    assert len(set(tries)) == 1
    assert letters.all_to(asked["email"])


def test_an_errand_of_another_key_stands_before_nobody(gateway: Gateway, letters: Letters) -> None:
    with gateway.held.database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO errand (id, sealed, attempts, due_at, expires_at)"
                " VALUES (:id, :sealed, 0, now() - interval '1 hour', now() + interval '1 hour')"
            ),
            {"id": uuid.uuid4(), "sealed": b"x" * 40},
        )
    asked = invitation()
    gateway.request("POST", "/accounts/invitations", json=asked)
    assert letters.to(asked["email"], "invitation")
    eventually(lambda: errands(gateway) == 0)


def test_secrets_are_stored_nowhere(gateway: Gateway, letters: Letters) -> None:
    gateway.services.answers.clear()  # the letter can't be handed over, so that it is still here
    asked = invitation()
    gateway.request("POST", "/accounts/invitations", json=asked)
    secret = letters.to(asked["email"], "invitation")["secret"]
    assert errands(gateway) == 1
    everything = stored(gateway, "password_token", "errand", "plut.audit", "plut.idempotency")
    assert "account.invited" in everything
    for hidden in (secret, secret.encode().hex(), asked["email"].encode().hex()):
        assert hidden not in everything
    with gateway.held.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM errand"))


@pytest.mark.parametrize("body", [{}, {"email": "x"}, {"email": "a@b.example", "language": "de"}])
def test_what_is_wrong_is_said(gateway: Gateway, body: dict[str, str]) -> None:
    assert gateway.client.post("/api/v1/password/forgotten", json=body).status_code == 422


def errands(gateway: Gateway) -> int:
    with gateway.held.database.engine.connect() as connection:
        count: int = connection.execute(text("SELECT count(*) FROM errand")).scalar_one()
    return count
