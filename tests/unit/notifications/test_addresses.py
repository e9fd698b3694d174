"""E-mail addresses, the mail server's address, the schedule."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.settings import SettingsError
from services.notifications.domain.addresses import is_address, masked, without
from services.notifications.domain.schedule import SCHEDULE, next_delay
from services.notifications.mail.server import MailServer


@pytest.mark.parametrize("text", ["siti@gmail.com", "a.b+c@mail.co.id", "x@localhost", "o'neil@a-b.example"])
def test_an_address(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "siti", "@x.example", "siti@", "a b@x.example", "a@x..example", ".a@x.example", "a@-x.example", "a@x.example\n",
        "a@x.example\r\nBcc: b@x.example", "a@x.example,b@x.example", "<a@x.example>", '"a b"@x.example', "a@x.example ",
        "ß@x.example", "a" * 65 + "@x.example", "a@" + "x." * 130 + "example", "a@[127.0.0.1]", "a\x00@x.example",
    ],
)  # fmt: skip
def test_no_address(text: str) -> None:
    assert not is_address(text)


@given(st.emails())
def test_ordinary_addresses_pass_unless_they_are_not_ascii(address: str) -> None:
    assert is_address(address) or len(address) > 254 or len(address.partition("@")[0]) > 64 or not address.isascii()


@given(st.text())
def test_whatever_passes_is_one_line_of_ascii(text: str) -> None:
    if is_address(text):
        assert text.isascii()
        assert not set(text) & set(' \r\n\t,;<>()"')


def test_masked() -> None:
    assert masked("siti@gmail.com") == "s***@gmail.com"


def test_an_answer_without_the_address() -> None:
    assert without("550 <Siti@x.example> unknown", "siti@X.example") == "550 <<address>> unknown"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://127.0.0.1:1025", MailServer("127.0.0.1", 1025, "plain")),
        ("smtp://mail", MailServer("mail", 25, "plain")),
        ("smtps://u%40x:p%3Aw@mail", MailServer("mail", 465, "tls", "u@x", "p:w")),
        ("smtp+starttls://u:p@mail:2525", MailServer("mail", 2525, "starttls", "u", "p")),
    ],
)
def test_mail_server(url: str, expected: MailServer) -> None:
    assert MailServer.from_url(url) == expected


@pytest.mark.parametrize(
    "url",
    ["", "mail:25", "http://mail", "smtp://", "smtp://mail:x", "smtp://mail/path", "smtp://u:geheim@mail.example"],
)
def test_mail_server_that_cannot_be_meant(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        MailServer.from_url(url)
    assert "geheim" not in str(refused.value)


def test_a_password_is_not_shown() -> None:
    assert "geheim" not in repr(MailServer.from_url("smtps://u:geheim@mail"))


def test_the_schedule_grows_and_ends() -> None:
    delays = [next_delay(attempts) for attempts in range(1, len(SCHEDULE) + 1)]
    assert delays == sorted(delay for delay in delays if delay)
    assert sum(SCHEDULE, timedelta()) < timedelta(days=2, hours=1)
    assert next_delay(len(SCHEDULE) + 1) is None
