"""Accounts on the whole platform: from an administrator's request to the mail in somebody's hands."""

from __future__ import annotations

import re
import uuid
from typing import Any

import requests

from tests.stack import Platform, eventually
from tests.system.people import person, sign_in_as_owner

NEW = "gajah hutan merah 9"


def token_in(platform: Platform, email: str, subject: str) -> str:
    """What stands behind the # of the link in the newest mail of a subject."""

    def mail() -> dict[str, Any] | None:
        return next((each for each in platform.mails(email) if subject in each["subject"]), None)

    found = eventually(mail, 30)
    assert found is not None
    match = re.search(r"/password#([\w-]+)", "".join(found["text"].split()))
    assert match is not None, found["text"]
    return match[1][:43]


def test_who_is_invited_signs_in_and_may_forget_the_password(platform: Platform) -> None:
    head = person(platform, "head", "21.71")
    email = f"sri-{uuid.uuid4().hex[:8]}@example.com"
    body = {"email": email, "name": "Sri", "grants": [{"role": "staff", "scope": "21.71"}]}
    assert head.ask("POST", "/accounts/invitations", json=body).status_code == 201
    for subject, password in (("Undangan", "kuda sawah biru 7"), ("Kata sandi baru", NEW)):
        if password == NEW:
            asked = requests.post(f"{platform.api}/password/forgotten", json={"email": email}, timeout=20)
            assert asked.json() == {"sent": True}
        token = token_in(platform, email, subject)
        chosen = requests.post(f"{platform.api}/password", json={"token": token, "password": password}, timeout=20)
        assert chosen.status_code == 204, chosen.text
        begun = requests.post(f"{platform.api}/session", json={"email": email, "password": password}, timeout=20)
        assert begun.status_code == 201, begun.text
    told = eventually(lambda: [each for each in platform.mails(email) if "sudah diganti" in each["subject"]], 30)
    assert len(told) == 1


def test_an_owner_signs_in_with_a_code_that_comes_to_the_phone(platform: Platform) -> None:
    phone = f"+62813{uuid.uuid4().int % 10**8:08}"
    staff = person(platform, "staff", "21.71")
    body = {"unit": "21.71", "name": f"Dapur {phone[-4:]}", "owner": {"name": "Rini Astuti", "phone": phone}}
    assert staff.ask("POST", "/registry/enterprises", json=body).status_code == 201
    asked = requests.post(f"{platform.api}/session/phone", json={"phone": phone}, timeout=20)
    assert asked.json() == {"expires_in": 300}
    [sms] = eventually(lambda: platform.mails(phone), 30)
    code = sms["text"][:6]
    begun = requests.post(f"{platform.api}/session/phone/confirm", json={"phone": phone, "code": code}, timeout=20)
    assert begun.status_code == 201, begun.text
    assert begun.json()["account"]["grants"] == [{"role": "owner", "scope": "21.71"}]
    # what was sent is known to have been sent, and its words to nobody any more
    listed = platform.request("GET", "/notifications/messages", params={"channel": "sms"}).json()["items"]
    assert [each["to"] for each in listed if each["to"].endswith(phone[-2:])]
    assert code not in str(listed)


def test_whoever_has_an_owners_former_phone_is_signed_out(platform: Platform) -> None:
    wrong, right = (f"+62813{uuid.uuid4().int % 10**8:08}" for _ in range(2))
    staff = person(platform, "staff", "21.71")
    body = {"unit": "21.71", "name": f"Dapur {wrong[-4:]}", "owner": {"name": "Rini Astuti", "phone": wrong}}
    made = staff.ask("POST", "/registry/enterprises", json=body)
    stranger = sign_in_as_owner(platform, wrong)
    assert platform.request("GET", "/registry/my/enterprises", stranger).json()["items"]
    changed = staff.ask(
        "PATCH",
        f"/registry/enterprises/{made.json()['id']}",
        json={"owner": {"phone": right}},
        headers={"If-Match": made.headers["ETag"]},
    )
    assert changed.status_code == 200, changed.text
    eventually(lambda: platform.request("GET", "/registry/my/enterprises", stranger).status_code == 401, 30)
    rini = sign_in_as_owner(platform, right)
    assert platform.request("GET", "/registry/my/enterprises", rini).json()["items"]
