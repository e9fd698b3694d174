from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from deploy.mail import store as mails
from deploy.mail.store import MailStore
from deploy.mail.web import create_app


@pytest.fixture
def store(tmp_path: Path) -> MailStore:
    return MailStore(tmp_path / "mail.sqlite3")


@pytest.fixture
def web(store: MailStore) -> FlaskClient:
    return create_app(store).test_client()


def letter(subject: str, html: str | None = None) -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "plut@localhost", "siti@example.id"
    message.set_content("Selamat datang, Bu Siti")
    if html:
        message.add_alternative(html, subtype="html")
    return bytes(message)


def test_mails_are_shown_newest_first(store: MailStore, web: FlaskClient) -> None:
    for subject in ("pertama", "kedua"):
        store.add("plut@localhost", ["siti@example.id"], letter(subject))
    found = web.get("/api/messages").get_json()
    assert [message["subject"] for message in found["messages"]] == ["kedua", "pertama"]
    assert found["messages"][0]["text"].strip() == "Selamat datang, Bu Siti"
    assert b"kedua" in web.get("/").data


def test_mails_are_found_by_recipient(store: MailStore, web: FlaskClient) -> None:
    store.add("a", ["siti@example.id", "budi@example.id"], letter("dua"))
    store.add("a", ["tono@example.id"], letter("lain"))
    subjects = [message["subject"] for message in web.get("/api/messages?to=budi@").get_json()["messages"]]
    assert subjects == ["dua"]


def test_short_messages_are_taken_too(web: FlaskClient) -> None:
    answer = web.post("/api/sms", json={"to": "+6281270001234", "text": "492039 adalah kode\nAnda", "id": "7"})
    assert answer.status_code == 202
    found = web.get("/api/messages?to=%2B62812").get_json()["messages"]
    assert [(each["from"], each["text"].split()[0], each["message_id"]) for each in found] == [("sms", "492039", "7")]
    assert b"492039 adalah kode Anda" in web.get("/").data


def test_html_is_shown_in_a_sandbox(store: MailStore, web: FlaskClient) -> None:
    store.add("a", ["b"], letter("html", "<b>halo</b><script>alert(1)</script>"))
    page = web.get("/mails/1/html")
    assert page.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert b"<script>" not in web.get("/mails/1").data


def test_whatever_comes_is_kept(store: MailStore, web: FlaskClient) -> None:
    store.add("", [], b"\xff\xfe\x00 no mail at all\r\nSubject: =?x?q?=\r\n")
    assert web.get("/mails/1").status_code == 200
    assert web.get("/mails/1/raw").data.startswith(b"\xff\xfe")


def test_old_mails_are_forgotten(store: MailStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mails, "KEPT", 3)
    for number in range(5):
        store.add("a", ["b"], letter(str(number)))
    assert [mail.subject for mail in store.newest(10)] == ["4", "3", "2"]
