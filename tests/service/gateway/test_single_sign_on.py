from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from deploy.local import ports
from deploy.processes import ROOT
from gateway.app import create_app
from gateway.identity.provider import Provider
from tests.service.gateway.conftest import Gateway, acts_on
from tests.service.gateway.factors import enrol
from tests.stack import eventually

HOME = "http://127.0.0.1:8080"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A real provider, in a process of its own."""
    port = ports.reserve()
    command = [sys.executable, "-W", "ignore", "-m", "tests.service.gateway.oidc_server", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return requests.get(f"{address}/.well-known/openid-configuration", timeout=2).ok
        except requests.ConnectionError:
            return False

    eventually(answers, 20)
    yield address
    process.kill()
    process.wait()


class Office:
    """A gateway whose people sign in through the provider; each has a browser."""

    def __init__(self, gateway: Gateway, issuer: str, **settings: str) -> None:
        known = {"oidc_issuer": issuer, "oidc_client_id": "plut", "public_url": HOME} | settings
        settings_now = replace(gateway.held.settings, **known)  # type: ignore[arg-type]
        self._issuer = issuer
        self.app = create_app(
            settings_now, replace(gateway.held, settings=settings_now, provider=Provider(settings_now))
        )

    def browser(self) -> FlaskClient:
        return self.app.test_client()

    def at_provider(self, browser: FlaskClient, sub: str, **claims: Any) -> str:
        """Go to the provider and sign in there; returns the address that it sends the browser back to."""
        requests.put(f"{self._issuer}/users/{sub}", json=claims, timeout=5).raise_for_status()
        away = browser.get("/sign-in/oidc")
        assert away.status_code == 303, away.text
        asked = parse_qs(urlsplit(away.location).query)
        assert (asked["code_challenge_method"], asked["redirect_uri"]) == (["S256"], [f"{HOME}/sign-in/oidc/callback"])
        assert {"state", "nonce", "code_challenge"} <= asked.keys()
        back = requests.post(away.location, data={"sub": sub}, allow_redirects=False, timeout=5)
        return back.headers["Location"].removeprefix(HOME)

    def sign_in(self, browser: FlaskClient, sub: str, **claims: Any) -> TestResponse:
        return browser.get(self.at_provider(browser, sub, **claims))


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    """The provider knows us by a secret."""
    (tmp_path / "secret").write_text("known to the provider\n")
    return {"oidc_client_secret_file": str(tmp_path / "secret")}


@pytest.fixture
def office(gateway: Gateway, issuer: str, settings: dict[str, str]) -> Office:
    return Office(gateway, issuer, **settings)


def me(browser: FlaskClient) -> dict[str, Any] | None:
    found = browser.get("/api/v1/me")
    return found.json if found.status_code == 200 else None


def test_somebody_with_an_account_comes_back_signed_in(gateway: Gateway, office: Office) -> None:
    somebody, browser = gateway.make("staff", "21.71"), office.browser()
    back = office.sign_in(browser, "sub-1", email=somebody["email"].upper(), email_verified=True)
    assert (back.status_code, back.location) == (303, "/"), back.text
    found = me(browser)
    assert found is not None
    assert found["id"] == somebody["id"]
    sessions = browser.get("/api/v1/me/sessions").json or {}
    assert "single-sign-on" in {each["method"] for each in sessions["items"]}


def test_afterwards_the_subject_counts_and_not_the_e_mail(gateway: Gateway, office: Office) -> None:
    somebody, other = gateway.make("staff", "21.71"), gateway.make("staff", "21.71")
    office.sign_in(office.browser(), "sub-2", email=somebody["email"], email_verified=True)
    renamed = office.browser()
    assert office.sign_in(renamed, "sub-2", email="renamed@plut.localhost", email_verified=True).status_code == 303
    assert (me(renamed) or {})["id"] == somebody["id"]
    # somebody else there, who was given the address since, is not that person here
    assert office.sign_in(office.browser(), "sub-3", email=somebody["email"], email_verified=True).status_code == 401
    assert office.sign_in(office.browser(), "sub-3", email=other["email"], email_verified=True).status_code == 303


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "nobody@plut.localhost", "email_verified": True},
        {"email_verified": True},
        {},
    ],
)
def test_nobody_is_made_an_account(office: Office, claims: dict[str, Any]) -> None:
    browser = office.browser()
    refused = office.sign_in(browser, "sub-4", **claims)
    assert (refused.status_code, (refused.json or {})["code"]) == (401, "sign-in-refused")
    assert me(browser) is None


def test_an_e_mail_that_was_not_verified_and_a_disabled_account_are_refused(gateway: Gateway, office: Office) -> None:
    somebody, disabled = gateway.make("staff", "21.71"), gateway.make("staff", "21.71")
    for claims in ({}, {"email_verified": False}, {"email_verified": "true"}):
        assert office.sign_in(office.browser(), "sub-5", email=somebody["email"], **claims).status_code == 401
    office.sign_in(office.browser(), "sub-6", email=disabled["email"], email_verified=True)
    gateway.request("PATCH", f"/accounts/{disabled['id']}", json={"disabled": True}, headers={"If-Match": '"1"'})
    for sub in ("sub-6", "sub-7"):
        assert office.sign_in(office.browser(), sub, email=disabled["email"], email_verified=True).status_code == 401


def test_only_the_organisation_s_domains_come_in(gateway: Gateway, issuer: str, settings: dict[str, str]) -> None:
    somebody = gateway.make("staff", "21.71")
    claims = {"email": somebody["email"], "email_verified": True}
    elsewhere = Office(gateway, issuer, oidc_domains="kota.example, provinsi.example", **settings)
    assert elsewhere.sign_in(elsewhere.browser(), "sub-8", **claims).status_code == 401
    here = Office(gateway, issuer, oidc_domains="kota.example, PLUT.localhost", **settings)
    assert here.sign_in(here.browser(), "sub-8", **claims).status_code == 303


def test_another_claim_can_hold_the_e_mail(gateway: Gateway, issuer: str, settings: dict[str, str]) -> None:
    somebody = gateway.make("staff", "21.71")
    office = Office(gateway, issuer, oidc_email_claim="upn", **settings)
    assert office.sign_in(office.browser(), "sub-9", upn=somebody["email"]).status_code == 303


def test_an_answer_counts_only_where_it_was_asked_for(gateway: Gateway, office: Office) -> None:
    claims = {"email": gateway.make("staff", "21.71")["email"], "email_verified": True}
    thief, victim = office.browser(), office.browser()
    back = office.at_provider(thief, "sub-10", **claims)
    assert victim.get(back).status_code == 401, "a browser that asked for nothing"
    victim.get("/sign-in/oidc")
    assert victim.get(back).status_code == 401, "one that asked for something else"
    code = parse_qs(urlsplit(back).query)["code"][0]
    asked = parse_qs(urlsplit(victim.get("/sign-in/oidc").location).query)
    slipped_in = f"/sign-in/oidc/callback?code={code}&state={asked['state'][0]}"
    assert victim.get(slipped_in).status_code == 401, "somebody else's code under one's own state"
    back = office.at_provider(thief, "sub-10", **claims)
    state = parse_qs(urlsplit(back).query)["state"][0]
    for query in ("", f"?state={state}", f"?code=x&state={state}", "?error=access_denied", f"?code=x&state={state}x"):
        browser = office.browser()
        browser.set_cookie("plut-oidc", thief.get_cookie("plut-oidc").decoded_value)  # type: ignore[union-attr]
        assert browser.get(f"/sign-in/oidc/callback{query}").status_code == 401
    assert thief.get(back).status_code == 303
    assert thief.get(back).status_code == 401, "and once"


def test_who_administers_accounts_proves_a_second_factor_there_or_here(gateway: Gateway, office: Office) -> None:
    head = gateway.make("head", "21.71")
    phone = enrol(gateway, head["token"])
    claims = {"email": head["email"], "email_verified": True}
    browser = office.browser()
    office.sign_in(browser, "sub-11", **claims)
    assert browser.get("/api/v1/accounts").status_code == 403
    csrf = (me(browser) or {})["csrf_token"]
    headers = {"X-CSRF-Token": csrf, "Idempotency-Key": "prove-it-once-1"}
    proved = browser.post("/api/v1/me/second-factor/verify", json={"code": phone.code()}, headers=headers)
    assert proved.status_code == 200, proved.text
    assert browser.get("/api/v1/accounts").status_code == 200
    strong = office.browser()
    office.sign_in(strong, "sub-11", **claims, amr=["pwd", "mfa"])
    assert strong.get("/api/v1/accounts").status_code == 200


def test_a_provider_that_is_away_is_said_so_and_without_one_there_is_nothing(gateway: Gateway) -> None:
    nowhere = Office(gateway, f"http://127.0.0.1:{ports.reserve()}")
    assert nowhere.browser().get("/sign-in/oidc").status_code == 503
    for path in ("/sign-in/oidc", "/sign-in/oidc/callback?code=x&state=y"):
        assert gateway.client.get(path).status_code in (401, 404)
    assert gateway.client.get("/sign-in/oidc").status_code == 404


def test_what_is_linked_is_on_record(gateway: Gateway, office: Office) -> None:
    somebody = gateway.make("staff", "21.71")
    office.sign_in(office.browser(), "sub-12", email=somebody["email"], email_verified=True)
    assert {"account.linked", "account.signed-in"} <= set(acts_on(gateway, somebody["id"]))
