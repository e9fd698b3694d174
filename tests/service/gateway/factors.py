"""An authenticator, as somebody has it on a telephone."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import pyotp
from werkzeug.test import TestResponse

from tests.service.gateway.conftest import PASSWORD, Gateway

#: Seconds in which a code is asked about after it was shown.
_ASKED_WITHIN = 8


@dataclass
class Authenticator:
    """Shows codes of one secret, each once: the clock runs on by a step wherever a test needs another."""

    secret: str
    recovery_codes: list[str] = field(default_factory=list)
    _last: int = 0

    def code(self) -> str:
        """One that wasn't shown before, and that holds now: the last step's, this one's or the next one's."""
        now = time.time()
        # the last step's only while it holds for some seconds yet
        self._last = max(self._last + 1, int(now + _ASKED_WITHIN) // 30 - 1)
        assert self._last <= int(now) // 30 + 1, "no more than three codes hold at a time"
        return pyotp.TOTP(self.secret).generate_otp(self._last)


def enrol(gateway: Gateway, token: str, password: str = PASSWORD) -> Authenticator:
    """Set a second factor up, and take it into use."""
    shown = gateway.request("POST", "/me/second-factor", token, json={"password": password})
    assert shown.status_code == 200, shown.text
    phone = Authenticator((shown.json or {})["secret"])
    confirmed = gateway.request("POST", "/me/second-factor/confirm", token, json={"code": phone.code()})
    assert confirmed.status_code == 200, confirmed.text
    phone.recovery_codes = (confirmed.json or {})["recovery_codes"]
    return phone


def sign_in(gateway: Gateway, account: dict[str, Any], code: str | None = None, **more: Any) -> TestResponse:
    """Sign in with the password that all accounts of the tests have."""
    body = {"email": account["email"], "password": PASSWORD} | ({} if code is None else {"code": code})
    return gateway.client.post(
        "/api/v1/session",
        json=body | more.pop("json", {}),
        environ_base={"REMOTE_ADDR": more.pop("address", "127.0.0.1")},
        headers={"Accept-Language": "en"},
    )
