from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from http.cookies import SimpleCookie
from typing import Any

import pytest
from flask.testing import FlaskClient

from gateway.app import create_app
from tests.service.gateway.conftest import PASSWORD, Gateway


@pytest.fixture(params=["http://127.0.0.1:8080", "https://plut.example"])
def browser(gateway: Gateway, request: pytest.FixtureRequest) -> Iterator[FlaskClient]:
    """A browser that keeps cookies, before a gateway of that address."""
    settings = replace(gateway.held.settings, public_url=request.param)
    with create_app(settings, replace(gateway.held, settings=settings)).test_client() as client:
        client.environ_base["wsgi.url_scheme"] = request.param.partition(":")[0]
        yield client


def begin(browser: FlaskClient, account: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the sign-in answers, and the cookies that it sets."""
    body = {"email": account["email"], "password": PASSWORD, "cookie": True}
    begun = browser.post("/api/v1/session", json=body)
    assert begun.status_code == 201, begun.text
    set_cookies = [SimpleCookie(header) for header in begun.headers.getlist("Set-Cookie")]
    return begun.json or {}, {name: morsel for each in set_cookies for name, morsel in each.items()}


def change(browser: FlaskClient, **headers: str) -> int:
    """A change by whatever the browser sends of itself."""
    key = {"Idempotency-Key": str(uuid.uuid4())}
    body = {"current": "not this one at all", "new": "gajah hutan merah 9"}
    return browser.post("/api/v1/me/password", json=body, headers=key | headers).status_code


def test_the_token_is_in_a_cookie_that_scripts_can_not_read(gateway: Gateway, browser: FlaskClient) -> None:
    begun, cookies = begin(browser, gateway.make("staff", "21.71"))
    assert (begun["token"], begun["device_token"]) == (None, None)
    secure = browser.environ_base["wsgi.url_scheme"] == "https"
    assert set(cookies) == ({"__Host-plut", "__Host-plut-device"} if secure else {"plut", "plut-device"})
    for morsel in cookies.values():
        assert (bool(morsel["secure"]), bool(morsel["httponly"]), morsel["samesite"]) == (secure, True, "Lax")
        assert (morsel["path"], morsel["domain"]) == ("/", "")
        assert morsel.value not in str(begun)
    me = browser.get("/api/v1/me")
    assert (me.status_code, (me.json or {})["csrf_token"]) == (200, begun["csrf_token"])


def test_a_change_needs_what_another_site_does_not_know(gateway: Gateway, browser: FlaskClient) -> None:
    begun, _ = begin(browser, gateway.make("staff", "21.71"))
    assert change(browser) == 403
    assert change(browser, **{"X-CSRF-Token": "0" * 64}) == 403
    assert change(browser, **{"X-CSRF-Token": begun["csrf_token"]}) == 422, "only the password is wrong"
    assert browser.delete("/api/v1/session").status_code == 403
    other = (gateway.sign_in(gateway.make("staff", "21.71")["email"]).json or {})["token"]
    assert change(browser, Authorization=f"Bearer {other}") == 422, "a token needs none, and goes before the cookie"
    assert change(browser, Authorization="Bearer plut_x", **{"X-CSRF-Token": begun["csrf_token"]}) == 401


def test_signing_out_takes_the_cookie_away(gateway: Gateway, browser: FlaskClient) -> None:
    begun, cookies = begin(browser, gateway.make("staff", "21.71"))
    [token] = [morsel.value for name, morsel in cookies.items() if not name.endswith("device")]
    ended = browser.delete("/api/v1/session", headers={"X-CSRF-Token": begun["csrf_token"]})
    assert ended.status_code == 204
    assert any("Max-Age=0" in header for header in ended.headers.getlist("Set-Cookie"))
    assert browser.get("/api/v1/me").status_code == 401
    assert gateway.request("GET", "/me", token).status_code == 401, "ended, not only forgotten"


def test_a_browser_that_has_signed_in_before_is_a_known_device(gateway: Gateway, browser: FlaskClient) -> None:
    somebody = gateway.make("staff", "21.71")
    _, first = begin(browser, somebody)
    _, second = begin(browser, somebody)
    devices = [morsel.value for each in (first, second) for name, morsel in each.items() if name.endswith("device")]
    assert len(set(devices)) == 1


def test_without_a_cookie_nothing_is_set(gateway: Gateway) -> None:
    begun = gateway.sign_in(gateway.make("staff", "21.71")["email"])
    assert "Set-Cookie" not in begun.headers
    assert (begun.json or {})["csrf_token"] is None
    me = gateway.request("GET", "/me", (begun.json or {})["token"]).json or {}
    assert me["csrf_token"] is None
