from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, text

from gateway.identity import throttle
from tests.service.gateway.conftest import PASSWORD, Gateway, stored


def test_a_token_stands_for_an_account_until_it_is_ended(gateway: Gateway) -> None:
    somebody = gateway.make("staff", "21.71")
    me = gateway.request("GET", "/me", somebody["token"])
    assert me.status_code == 200
    assert me.json is not None
    assert me.json["email"] == somebody["email"]
    assert me.json["grants"] == [{"role": "staff", "scope": "21.71"}]
    assert gateway.request("DELETE", "/session", somebody["token"]).status_code == 204
    assert gateway.request("GET", "/me", somebody["token"]).status_code == 401


def test_upper_case_in_the_e_mail_makes_no_difference(gateway: Gateway) -> None:
    somebody = gateway.make("staff", "21.71")
    assert gateway.sign_in(somebody["email"].upper()).status_code == 201


def test_tokens_and_passwords_are_stored_nowhere(gateway: Gateway) -> None:
    somebody = gateway.make("staff", "21.71")
    everything = stored(gateway, "account", "sign_in", "attempt", "plut.audit", "plut.idempotency")
    assert "accounts.bootstrapped" in everything
    for secret in (somebody["token"], gateway.operator, PASSWORD):
        assert secret not in everything
        assert secret.encode().hex() not in everything


def test_an_unknown_account_a_wrong_password_and_a_disabled_one_look_the_same(gateway: Gateway) -> None:
    known, disabled = gateway.make("staff", "21.71"), gateway.make("staff", "21.71")
    changed = gateway.request(
        "PATCH", f"/accounts/{disabled['id']}", json={"disabled": True}, headers={"If-Match": '"1"'}
    )
    assert changed.status_code == 200
    answers = [
        gateway.sign_in("nobody@plut.localhost", address="127.0.0.2"),
        gateway.sign_in(known["email"], "a wrong password", address="127.0.0.3"),
        gateway.sign_in(disabled["email"], address="127.0.0.4"),
    ]
    assert {answer.status_code for answer in answers} == {401}
    told = [{name: value for name, value in (a.json or {}).items() if name != "correlation_id"} for a in answers]
    assert told[0] == told[1] == told[2]
    assert gateway.request("GET", "/me", disabled["token"]).status_code == 401


def test_guessing_is_slowed_down_and_locks_nobody_out(gateway: Gateway) -> None:
    somebody = gateway.make("staff", "21.71")
    for _ in range(throttle.FREE_PER_PAIR):
        assert gateway.sign_in(somebody["email"], "a wrong password", address="203.0.113.9").status_code == 401
    refused = gateway.sign_in(somebody["email"], address="203.0.113.9")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 16
    # the owner, from elsewhere, notices nothing
    assert gateway.sign_in(somebody["email"], address="203.0.113.10").status_code == 201
    # and after the wait the guesser may try again, too
    with gateway.held.database.engine.begin() as connection:
        connection.execute(text("UPDATE attempt SET at = at - interval '20 seconds'"))
    assert gateway.sign_in(somebody["email"], address="203.0.113.9").status_code == 201


def test_an_address_that_tries_many_accounts_is_slowed_down(gateway: Gateway) -> None:
    now = datetime.now(UTC)
    for number in range(throttle.FREE_PER_ADDRESS):
        throttle.begin_attempt(gateway.held.database, f"{number}@plut.localhost", throttle.Origin("203.0.113.77"), now)
    assert gateway.sign_in("one-more@plut.localhost", address="203.0.113.77").status_code == 429


def test_guesses_at_the_same_moment_do_not_slip_through(gateway: Gateway) -> None:
    somebody = gateway.make("staff", "21.71")
    with ThreadPoolExecutor(12) as pool:
        answers = list(
            pool.map(
                lambda _: gateway.sign_in(somebody["email"], "wrong wrong wrong", "203.0.113.88").status_code, range(12)
            )
        )
    assert answers.count(401) == throttle.FREE_PER_PAIR
    assert answers.count(429) == 12 - throttle.FREE_PER_PAIR


@pytest.mark.parametrize(
    "body", [{}, {"email": "a"}, {"email": "a", "password": 1}, {"email": "a", "password": "b", "x": 1}]
)
def test_what_is_wrong_with_the_request_is_said(gateway: Gateway, body: dict[str, object]) -> None:
    answer = gateway.client.post("/api/v1/session", json=body)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"]


def test_a_sign_in_that_is_not_used_expires_and_one_that_is_used_goes_on(gateway: Gateway) -> None:
    somebody = gateway.make("staff", "21.71")
    engine = gateway.held.database.engine
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE sign_in SET seen_at = seen_at - interval '6 hours', expires_at = now() + interval '6 hours'"
                 " WHERE account_id = :id"),
            {"id": somebody["id"]},
        )  # fmt: skip
    assert gateway.request("GET", "/me", somebody["token"]).status_code == 200
    with engine.begin() as connection:
        left = connection.execute(
            text("SELECT max(expires_at) - now() FROM sign_in WHERE account_id = :id"), {"id": somebody["id"]}
        ).scalar_one()
        assert timedelta(hours=11) < left <= timedelta(hours=12)
        connection.execute(
            text("UPDATE sign_in SET expires_at = now() - interval '1 second' WHERE account_id = :id"),
            {"id": somebody["id"]},
        )
    assert gateway.request("GET", "/me", somebody["token"]).status_code == 401


def test_no_sign_in_outlives_its_whole_time(gateway: Gateway) -> None:
    somebody = gateway.make("staff", "21.71")
    with gateway.held.database.engine.begin() as connection:
        connection.execute(
            text("UPDATE sign_in SET seen_at = now() - interval '1 hour', ends_at = now() + interval '1 minute',"
                 " expires_at = now() + interval '30 seconds' WHERE account_id = :id"),
            {"id": somebody["id"]},
        )  # fmt: skip
    assert gateway.request("GET", "/me", somebody["token"]).status_code == 200
    with gateway.held.database.engine.connect() as connection:
        assert connection.execute(text("SELECT bool_and(expires_at <= ends_at) FROM sign_in")).scalar_one()


def test_own_sign_ins_can_be_seen_and_ended(gateway: Gateway) -> None:
    somebody, other = gateway.make("staff", "21.71"), gateway.make("staff", "21.71")
    second = gateway.sign_in(somebody["email"]).json
    assert second is not None
    listed = gateway.request("GET", "/me/sessions", second["token"]).json
    assert listed is not None
    assert [each["current"] for each in listed["items"]].count(True) == 1
    first = next(each for each in listed["items"] if not each["current"])
    assert gateway.request("DELETE", f"/me/sessions/{first['id']}", other["token"]).status_code == 404
    assert gateway.request("DELETE", f"/me/sessions/{first['id']}", second["token"]).status_code == 204
    assert gateway.request("GET", "/me", somebody["token"]).status_code == 401
    assert gateway.request("GET", "/me", second["token"]).status_code == 200


def test_a_new_password_ends_the_other_sign_ins(gateway: Gateway) -> None:
    somebody = gateway.make("staff", "21.71")
    second = gateway.sign_in(somebody["email"]).json
    assert second is not None
    for body, where in (
        ({"current": "wrong wrong wrong", "new": "gajah hutan merah 9"}, "current"),
        ({"current": PASSWORD, "new": "rahasia123456"}, "new"),
        ({"current": PASSWORD, "new": somebody["email"]}, "new"),
    ):
        refused = gateway.request("POST", "/me/password", somebody["token"], json=body)
        assert (refused.status_code, list((refused.json or {})["errors"])) == (422, [where])
    body = {"current": PASSWORD, "new": "gajah hutan merah 9"}
    assert gateway.request("POST", "/me/password", somebody["token"], json=body).status_code == 200
    assert gateway.request("GET", "/me", second["token"]).status_code == 401
    assert gateway.request("GET", "/me", somebody["token"]).status_code == 200
    assert gateway.sign_in(somebody["email"]).status_code == 401
    assert gateway.sign_in(somebody["email"], "gajah hutan merah 9").status_code == 201


def test_checking_a_token_is_one_query(gateway: Gateway) -> None:
    seen: list[str] = []
    event.listen(gateway.held.database.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    gateway.services.answers["registry.list_kbli"] = lambda *_: {"items": [], "next": None}
    assert gateway.request("GET", "/registry/kbli").status_code == 200
    assert len(seen) == 1
    assert "sign_in" in seen[0]


def test_a_closed_connection_in_the_pool_is_no_failure(gateway: Gateway) -> None:
    assert gateway.request("GET", "/me").status_code == 200
    with gateway.held.database.engine.connect() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                 " WHERE datname = current_database() AND pid <> pg_backend_pid()")
        )  # fmt: skip
    time.sleep(0.2)
    gateway.services.answers["registry.list_kbli"] = lambda *_: {"items": [], "next": None}
    assert gateway.request("GET", "/registry/kbli").status_code == 200
