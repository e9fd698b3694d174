"""Messages with a secret: sent like any other, and the secret is nowhere any more when that is over."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from marshmallow import ValidationError

from chassis.unit_of_work import UnitOfWork
from contracts.access import OFFICE, SYSTEM, AccessContext, Grant
from contracts.api.for_gateway import SendSecret
from contracts.errors import PlutError
from services.notifications import queries
from services.notifications.use_cases.forget_secrets import forget_secrets
from services.notifications.use_cases.resend_message import resend_message
from services.notifications.use_cases.send_secret import send_secret
from tests.service.notifications.mail_server import SmtpServer
from tests.service.notifications.office import Office

SECRET = "k7-very-secret-9x"
MINISTRY = AccessContext(account="0199-national", name="Nasional", grants=(Grant("national", ""),))
OFFICER = AccessContext(account="0199-officer", name="Petugas", grants=(Grant("staff", "21.71"),))


def ask(office: Office, *, seconds: float = 3600, **changes: Any) -> None:
    request = {
        "id": str(uuid.uuid4()), "template": "password-reset", "channel": "email", "address": "sri@batam.example",
        "language": "en", "account": "0199-sri", "params": {"name": "Sri", "link": "http://plut/password"},
        "secret": SECRET, "expires_at": (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(),
    } | changes  # fmt: skip
    with UnitOfWork(office.database, SYSTEM) as uow:
        send_secret(uow=uow, request=SendSecret().load(request))


def everything(office: Office) -> str:
    """What is stored, in whichever table."""
    tables = ("message", "delivery", "recipient", "plut.audit", "plut.outbox", "plut.idempotency")
    return " ".join(str(row) for table in tables for row in office.rows(f"SELECT t::text FROM {table} t"))


def test_it_is_sent_and_then_the_secret_is_gone(office: Office, smtp: SmtpServer) -> None:
    ask(office)
    assert SECRET in everything(office)
    office.send(smtp.port)
    body = smtp.mails[0].get_body(("plain",))
    assert body is not None
    assert f"http://plut/password#{SECRET}" in body.get_content()
    assert smtp.mails[0]["Subject"] == "A new password for your PLUT account"
    assert office.states() == [("sent", 1, None)]
    assert SECRET not in everything(office)
    assert office.published() == [], "no event tells of it"


def test_the_same_cause_is_one_message(office: Office, smtp: SmtpServer) -> None:
    cause = str(uuid.uuid4())
    for _ in range(3):
        ask(office, id=cause)
    office.send(smtp.port)
    assert len(smtp.mails) == 1


def test_it_is_tried_again_soon_and_keeps_the_secret_until_then(office: Office, smtp: SmtpServer) -> None:
    ask(office, address="later@batam.example")
    office.send(smtp.port)
    due = "SELECT round(extract(epoch FROM next_attempt_at - now()))::int FROM message WHERE state = 'waiting'"
    assert 3 <= office.rows(due)[0][0] <= 5
    assert SECRET in everything(office)
    ask(office, address="never@batam.example")
    office.send(smtp.port)
    assert office.rows("SELECT state, secret IS NULL FROM message ORDER BY id") == [
        ("waiting", False),
        ("failed", True),
    ]


def test_what_has_expired_is_not_sent(office: Office, smtp: SmtpServer) -> None:
    ask(office, seconds=-1)
    office.send(smtp.port)
    assert smtp.mails == []
    assert office.states() == [("suppressed", 1, "expired")]
    assert SECRET not in everything(office)


def test_a_secret_goes_also_while_no_sender_runs(office: Office) -> None:
    ask(office, seconds=-1)
    ask(office, seconds=60)
    with UnitOfWork(office.database, SYSTEM) as uow:
        forget_secrets(uow=uow)
    assert office.rows("SELECT state, error, secret IS NULL FROM message ORDER BY expires_at") == [
        ("suppressed", "expired", True), ("waiting", None, False)
    ]  # fmt: skip


def test_nobody_reads_it(office: Office) -> None:
    ask(office, secret=SECRET)
    [(message,)] = office.rows("SELECT id FROM message")
    request = {"id": message, "language": "id", "limit": 50}
    with office.unit_of_work(MINISTRY, OFFICE) as uow:
        shown = queries.get_message(uow=uow, request=request)
        listed = queries.list_messages(uow=uow, request=request)["items"]
    assert "#•••" in shown["body"]
    assert SECRET not in str((shown, listed))
    assert [each["to"] for each in listed] == ["s***@batam.example"]
    # nobody in a unit sees that somebody there has forgotten a password
    with office.unit_of_work(OFFICER, OFFICE) as uow:
        assert queries.list_messages(uow=uow, request=request)["items"] == []


def test_what_carried_a_secret_is_not_sent_again_by_hand(office: Office, smtp: SmtpServer) -> None:
    ask(office, address="never@batam.example")
    office.send(smtp.port)
    [(message,)] = office.rows("SELECT id FROM message")
    with pytest.raises(PlutError, match="resend-refused"), office.unit_of_work(MINISTRY, OFFICE) as uow:
        resend_message(uow=uow, message_id=message)


def test_what_can_not_be_an_address_is_refused(office: Office) -> None:
    with pytest.raises(PlutError, match="invalid-request"):
        ask(office, address="sri@batam.example\r\nBcc: x@y.example")
    assert office.rows("SELECT 1 FROM message") == []


def test_a_secret_must_end(office: Office) -> None:
    with pytest.raises(ValidationError, match="expires_at"):
        ask(office, expires_at=None)
    ask(office, expires_at=None, secret=None, template="password-changed")
