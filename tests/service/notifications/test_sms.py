"""Short messages: any provider that takes HTTP, tried again like mail, and nothing of them stays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest

from chassis.identifiers import new_id
from chassis.settings import Settings, SettingsError
from contracts.registry import Contact
from deploy.local import ports
from services.notifications.sms import carrier
from services.notifications.sms.provider import SmsProvider
from tests.service.notifications.office import Office, registered, updated
from tests.service.notifications.sms_server import SmsServer
from tests.service.notifications.test_secrets import ask, everything

PHONE, CODE = "+6281270001234", "492039"


@pytest.fixture
def provider() -> Iterator[SmsServer]:
    with SmsServer() as server:
        yield server


def code(office: Office, **changes: Any) -> None:
    known = {"channel": "sms", "template": "sign-in-code", "address": PHONE, "params": {"minutes": 5}, "secret": CODE}
    ask(office, **(known | {"language": "id", "seconds": 300} | changes))


def states(office: Office) -> list[tuple[str, str | None, int | None]]:
    return office.rows("SELECT state, error, status FROM message ORDER BY id")


def test_a_code_is_handed_over_and_forgotten(office: Office, provider: SmsServer) -> None:
    code(office)
    office.send_sms(provider.url, sms_authorization="Bearer of-the-provider")
    [(body, headers)] = provider.taken
    sent = json.loads(body)
    assert sent["to"] == PHONE
    assert sent["text"].startswith(f"{CODE} adalah kode masuk PLUT Anda")
    assert sent["id"] == str(office.rows("SELECT id FROM message")[0][0])
    assert headers["Authorization"] == "Bearer of-the-provider"
    assert states(office) == [("sent", None, 200)]
    assert CODE not in everything(office)
    assert office.published() == []


def test_a_provider_that_takes_forms_gets_one(office: Office, provider: SmsServer) -> None:
    code(office, params={"minutes": '5&to=+999"'})
    form = {"sms_body": "msisdn={to}&message={text}", "sms_content_type": "application/x-www-form-urlencoded"}
    office.send_sms(provider.url, **form)
    sent = parse_qs(provider.taken[0][0].decode(), strict_parsing=True)
    assert sent.keys() == {"msisdn", "message"}
    assert sent["msisdn"] == [PHONE]


@pytest.mark.parametrize("status", [0, 408, 429, 500, 503])
def test_what_goes_wrong_for_now_is_tried_again(office: Office, provider: SmsServer, status: int) -> None:
    code(office)
    provider.answers = [status]
    office.send_sms(provider.url)
    assert [row[0] for row in states(office)] == ["waiting"]
    office.rows("UPDATE message SET next_attempt_at = now() RETURNING 1")
    office.send_sms(provider.url)
    assert [row[0] for row in states(office)] == ["sent"]
    assert len({json.loads(body)["id"] for body, _ in provider.taken}) == 1, "a repeat can be told by its id"


def test_a_provider_that_takes_too_long_is_tried_again(
    office: Office, provider: SmsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrier, "PATIENCE", (0.5, 0.5))
    code(office)
    provider.pause = 1.5
    office.send_sms(provider.url)
    assert [row[0] for row in states(office)] == ["waiting"]


@pytest.mark.parametrize("status", [301, 401, 404])
def test_a_provider_that_can_not_be_used_fails_no_message(office: Office, provider: SmsServer, status: int) -> None:
    code(office)
    code(office)
    provider.answers = [status]
    office.send_sms(provider.url)
    assert len(provider.taken) == 1
    assert office.rows("SELECT state, attempts FROM message") == [("waiting", 0)] * 2
    office.send_sms(f"http://127.0.0.1:{ports.reserve()}/")
    assert office.rows("SELECT state, attempts FROM message") == [("waiting", 0)] * 2


def test_what_is_refused_for_good_is_not_tried_again(office: Office, provider: SmsServer) -> None:
    code(office)
    provider.answers = [422]
    office.send_sms(provider.url)
    assert states(office) == [("failed", "refused", 422)]
    assert CODE not in everything(office)


def test_mail_and_short_messages_keep_apart(office: Office, provider: SmsServer) -> None:
    code(office)
    ask(office)
    office.send_sms(provider.url)
    assert sorted(office.rows("SELECT channel, state FROM message")) == [("email", "waiting"), ("sms", "sent")]


@pytest.mark.parametrize(
    "changes",
    [{"sms_url": "ftp://x"}, {"sms_body": "{text}"}, {"sms_content_type": "text/plain"}],
)
def test_settings_that_can_not_work_are_said_so(changes: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="PLUT_SMS_"):
        SmsProvider.from_settings(Settings(**({"sms_url": "http://127.0.0.1:1"} | changes)))


def test_without_an_address_there_is_no_provider() -> None:
    assert SmsProvider.from_settings(Settings()) is None


def test_a_former_phone_is_told_that_it_was_changed(office: Office, provider: SmsServer) -> None:
    enterprise = new_id()
    office.hear(registered(enterprise, contact=Contact(name="Siti", phone=PHONE), job=new_id()))
    change = updated(enterprise, 2, fields=("owner.phone",), contact=Contact(name="Siti", phone="+6281399990000"))
    office.hear(change, change)
    office.send_sms(provider.url)
    [(body, _)] = provider.taken
    sent = json.loads(body)
    assert sent["to"] == PHONE
    assert "baru saja diganti" in sent["text"]
    # told once, however often it is heard, and the new number by nothing
    office.hear(change)
    office.send_sms(provider.url)
    assert len(provider.taken) == 1
