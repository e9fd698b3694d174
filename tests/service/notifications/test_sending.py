"""Handing mail over: what the server answers decides, nothing is lost, and nothing is sent twice without need."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from contracts.events import Envelope
from contracts.registry import Contact
from deploy.local import ports
from deploy.processes import ROOT
from services.notifications.mail import connection as mail_connection
from tests.service.notifications.mail_server import SmtpServer
from tests.service.notifications.office import Office, mails_for, registered
from tests.stack import eventually


def to(address: str) -> Envelope[Any]:
    return registered(contact=Contact(name="Siti", email=address))


def test_a_mail_is_whole(office: Office, smtp: SmtpServer) -> None:
    office.hear(registered())
    office.send(smtp.port)
    mail = smtp.mails[0]
    message = office.rows("SELECT id FROM message")[0][0]
    assert mail["Message-ID"] == f"<{message}@batam.example>"
    assert mail["From"] == "PLUT Batam <plut@batam.example>"
    assert mail["Subject"] == "Dapur Siti terdaftar di PLUT"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert office.rows("SELECT state, status, answer, address FROM message") == [
        ("sent", 250, "2.0.0 taken as 4711", "siti@umkm.example")
    ]
    assert office.published() == [("message-delivered", 1)]


def test_refused_for_good_is_failed_and_the_unit_is_told(office: Office, smtp: SmtpServer) -> None:
    office.hear(to("never@umkm.example"), to("spam@umkm.example"), to("ok@umkm.example"))
    office.send(smtp.port)
    assert office.states() == [("failed", 1, "refused"), ("failed", 1, "refused"), ("sent", 1, None)]
    assert [row[0] for row in office.inbox()] == ["unit-mail-undeliverable"] * 2
    assert office.published() == [("message-delivered", 1), ("message-failed", 2)]
    assert office.rows("SELECT answer FROM message WHERE status = 550") == [("5.1.1 <<address>> nobody of that name",)]


def test_refused_for_now_is_tried_by_schedule_and_then_given_up(office: Office, smtp: SmtpServer) -> None:
    office.hear(to("later@umkm.example"), to("busy@umkm.example"))
    waits = []
    for _ in range(8):
        office.send(smtp.port)
        due = "SELECT round(extract(epoch FROM next_attempt_at - now()) / 60)::int FROM message WHERE state = 'waiting'"
        waits.append([minutes for (minutes,) in office.rows(due)])
        office.make_due()
    assert waits == [[1, 1], [5, 5], [15, 15], [60, 60], [240, 240], [720, 720], [1800, 1800], []]
    assert office.states() == [("failed", 8, "gave-up")] * 2
    assert office.published() == [("message-failed", 2)]


def test_a_mail_that_was_refused_for_now_arrives_later_as_the_same_mail(office: Office, smtp: SmtpServer) -> None:
    office.hear(to("gone@umkm.example"), to("ok@umkm.example"))
    office.send(smtp.port)
    assert office.states() == [("waiting", 1, "not-now"), ("sent", 1, None)]
    office.make_due()
    office.send(smtp.port)
    first, _, again = smtp.mails
    # the server had taken it, and nobody heard it say so: the repeat is byte for byte what it knows already
    assert first.as_bytes() == again.as_bytes()


def test_a_server_that_is_away_costs_no_attempt(office: Office) -> None:
    office.hear(*mails_for(30))
    port = ports.reserve()
    sender = office.send(port)
    assert office.states() == [("waiting", 0, None)] * 30
    # it is left alone for a while, and nothing is claimed meanwhile
    assert sender.step() == 0
    with SmtpServer(port=port) as server:
        office.make_due()
        office.send(port)
        assert len(set(server.message_ids)) == len(server.mails) == 30


def test_a_server_that_does_not_take_our_sender_fails_no_mail(office: Office, smtp: SmtpServer) -> None:
    smtp.refuses_sender = "550 5.7.1 not from you"
    office.hear(*mails_for(3))
    office.send(smtp.port)
    assert office.states() == [("waiting", 0, None)] * 3
    smtp.refuses_sender = None
    office.make_due()
    office.send(smtp.port)
    assert len(smtp.mails) == 3


def test_a_server_that_says_nothing_is_not_waited_for(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_connection, "STEP", 0.3)
    monkeypatch.setattr(mail_connection, "WHOLE", 0.5)
    with SmtpServer(pause=5) as server:
        office.hear(to("ok@umkm.example"))
        began = time.monotonic()
        office.send(server.port)
        assert time.monotonic() - began < 4
        assert office.states() == [("waiting", 1, "not-now")]


@pytest.mark.parametrize(
    "address", ['"a b"@x.example', "a@x.example\nBcc: b@x.example", "a@x.example, b@x.example", "siti", "ß@x.example"]
)
def test_an_address_that_is_none_is_not_used(office: Office, smtp: SmtpServer, address: str) -> None:
    office.hear(to(address))
    office.send(smtp.port)
    assert office.states() == [("suppressed", 1, "bad-address")]
    assert smtp.mails == []


def test_nothing_can_be_slipped_into_a_mail_by_a_name(office: Office, smtp: SmtpServer) -> None:
    name = "Toko\r\nBcc: b@evil.example\r\n\r\n<script>alert(1)</script> & {{ 7*7 }}"
    event = registered()
    office.hear(event)
    office.rows("UPDATE recipient SET business = %s, person = %s RETURNING 1", name, name)
    office.send(smtp.port)
    mail = smtp.mails[0]
    assert mail["Bcc"] is None
    assert smtp.recipients == ["siti@umkm.example"]
    assert "{{ 7*7 }}" in str(mail["Subject"])
    html = mail.get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()


def test_one_connection_carries_many_mails(office: Office, smtp: SmtpServer) -> None:
    office.hear(*mails_for(120))
    office.send(smtp.port)
    assert len(smtp.mails) == 120
    # a hundred, then a new one; EHLO is said once per connection
    assert smtp.connections == 2


def test_two_senders_at_once_send_each_mail_once(office: Office, smtp: SmtpServer) -> None:
    office.hear(*mails_for(200))
    threads = [threading.Thread(target=office.send, args=(smtp.port,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(smtp.mails) == len(set(smtp.message_ids)) == 200
    assert Counter(office.states()) == {("sent", 1, None): 200}
    assert office.published() == [("message-delivered", 200)]


def test_a_sender_killed_in_the_middle_is_made_up_for(office: Office) -> None:
    with SmtpServer() as server:

        def hold_the_fifth() -> None:
            if len(server.mails) == 4:
                server.pause = 60.0

        server.when_taken = hold_the_fifth
        office.hear(*mails_for(40))
        command = [sys.executable, "-m", "tests.service.notifications.lone_sender", str(server.port), "3"]
        environment = office.environment | {"PATH": ""}
        killed = subprocess.Popen(command, cwd=ROOT, env=environment)
        eventually(lambda: len(server.mails) >= 5)
        killed.kill()
        killed.wait()
        server.pause = 0.0
        assert office.rows("SELECT count(*) FROM message WHERE state = 'sending'")[0][0] > 0
        eventually(lambda: sent_all(office, server.port), 20, 0.3)
        repeats = [count for count in Counter(server.message_ids).values() if count > 1]
    assert len(set(server.message_ids)) == 40
    # at most the one whose answer was on its way
    assert repeats in ([], [2])


def sent_all(office: Office, port: int) -> bool:
    office.send(port, lease=timedelta(seconds=3))
    return office.rows("SELECT count(*) FROM message WHERE state <> 'sent'") == [(0,)]


def test_a_mail_that_was_taken_while_the_database_was_away_is_not_sent_again(office: Office, smtp: SmtpServer) -> None:
    office.hear(*mails_for(3))
    smtp.when_taken = office.cut_connections
    office.send(smtp.port)
    assert office.states() == [("sent", 1, None)] * 3
    assert len(smtp.mails) == 3


def test_a_sender_whose_lease_ran_out_changes_nothing(office: Office) -> None:
    with SmtpServer() as server:
        office.hear(to("slow@umkm.example"))
        slow = threading.Thread(target=office.send, args=(server.port,))
        slow.start()
        eventually(lambda: len(server.mails) == 1)
        office.make_due()
        office.send(server.port)
        slow.join()
    assert office.states() == [("sent", 2, None)]
    assert office.published() == [("message-delivered", 1)]
    assert len(set(server.message_ids)) == 1
