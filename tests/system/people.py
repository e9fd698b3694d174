"""Who uses the platform in the system tests."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import requests

from contracts.access import OWNER, PARTNER
from tests.stack import Platform, eventually


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account, signed in."""

    platform: Platform
    token: str
    account: dict[str, Any]

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        """Call the API as this person."""
        return self.platform.request(method, path, self.token, **options)

    def get(self, path: str, **params: Any) -> Any:
        """What a GET answers; fails on anything but 200."""
        answer = self.ask("GET", path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()


def person(platform: Platform, role: str, scope: str) -> Person:
    """A new account with one role for one scope, signed in."""
    email, password = f"{role}-{uuid.uuid4().hex[:8]}@example.com", secrets.token_urlsafe(16)
    made = platform.request(
        "POST",
        "/accounts",
        json={
            "email": email,
            "name": f"{role} {scope}",
            "password": password,
            "grants": [{"role": role, "scope": scope}],
        },
    )
    assert made.status_code == 201, made.text
    signed_in = requests.post(f"{platform.api}/session", json={"email": email, "password": password}, timeout=20)
    assert signed_in.status_code in (200, 201), signed_in.text
    someone = Person(platform, signed_in.json()["token"], signed_in.json()["account"])
    if signed_in.json()["must_enrol"]:
        _enrol(someone, password)
    return someone


def _enrol(someone: Person, password: str) -> None:
    """Set up the second factor that the role needs."""
    shown = someone.ask("POST", "/me/second-factor", json={"password": password})
    assert shown.status_code == 200, shown.text
    code = pyotp.TOTP(shown.json()["secret"]).now()
    confirmed = someone.ask("POST", "/me/second-factor/confirm", json={"code": code})
    assert confirmed.status_code == 200, confirmed.text


def token_of(platform: Platform, role: str, scope: str) -> str:
    """A token of somebody new with one role, who came to it as such accounts do."""
    if role == PARTNER:
        return _key_of_partner(platform, scope)
    if role == OWNER:
        phone = f"+62813{uuid.uuid4().int % 10**8:08}"
        body = {"unit": scope, "name": f"Dapur {phone[-4:]}", "owner": {"name": "Rini Astuti", "phone": phone}}
        made = platform.request("POST", "/registry/enterprises", json=body)
        assert made.status_code == 201, made.text
        return sign_in_as_owner(platform, phone)
    return person(platform, role, scope).token


def _key_of_partner(platform: Platform, scope: str) -> str:
    made = platform.request("POST", "/accounts/partners", json={"name": f"partner {scope}", "scopes": [scope]})
    assert made.status_code == 201, made.text
    body = {"name": "uji", "expires_at": (datetime.now(UTC) + timedelta(days=9)).isoformat()}
    key = platform.request("POST", f"/accounts/{made.json()['id']}/keys", json=body)
    assert key.status_code == 201, key.text
    found: str = key.json()["key"]
    return found


def sign_in_as_owner(platform: Platform, phone: str) -> str:
    """An owner's token, by the code that comes to the phone."""
    requests.post(f"{platform.api}/session/phone", json={"phone": phone}, timeout=20)
    [sms] = eventually(lambda: platform.mails(phone), 30)
    begun = requests.post(
        f"{platform.api}/session/phone/confirm", json={"phone": phone, "code": sms["text"][:6]}, timeout=20
    )
    token: str = begun.json()["token"]
    return token
