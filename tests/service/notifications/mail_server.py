"""A real SMTP server that does to a mail what the recipient's name says, and keeps what it was given."""

# ruff: noqa: N802, ARG002 - aiosmtpd calls its hooks by these names, with these arguments

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from deploy.local import ports


class SmtpServer:
    """`mails` are those that it has received whole, whether it then said so or not.

    Recipients: `later…` 451 at RCPT, `busy…` 452 after the data, `never…` 550 at RCPT, `spam…` 554 after the data,
    `gone…` the connection ends after the data without a word, `slow…` a second's thought; all others are taken.
    `when_taken` is called before it says that it has taken one. `refuses_sender` answers MAIL FROM with it.
    """

    def __init__(
        self, *, port: int | None = None, user: tuple[str, str] | None = None, tls: ssl.SSLContext | None = None,
        pause: float = 0.0,
    ) -> None:  # fmt: skip
        self.port = port or ports.reserve()
        self.mails: list[EmailMessage] = []
        self.refuses_sender: str | None = None
        self.connections = 0
        self.pause = pause
        self.when_taken: Callable[[], None] = lambda: None
        options: dict[str, Any] = {"tls_context": tls, "require_starttls": True} if tls else {}
        if user:
            options |= {"auth_required": True, "authenticator": _only(user), "auth_require_tls": tls is not None}
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def recipients(self) -> list[str]:
        """To whom, in the order of arrival."""
        return [str(mail["To"]) for mail in self.mails]

    @property
    def message_ids(self) -> list[str]:
        """Message-IDs in the order of arrival."""
        return [str(mail["Message-ID"]) for mail in self.mails]

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuses_sender:
            return self.refuses_sender
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("later"):
            return f"451 4.7.1 <{address}> come back later"
        if address.startswith("never"):
            return f"550 5.1.1 <{address}> nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        to = envelope.rcpt_tos[0]
        if to.startswith("busy"):
            return "452 4.3.1 no room"
        if to.startswith("spam"):
            return "554 5.7.1 not wanted"
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        if to.startswith("gone"):
            assert server.transport is not None
            server.transport.abort()
        await asyncio.sleep(1.0 if to.startswith("slow") else self.pause)
        self.when_taken()
        return "250 2.0.0 taken as 4711"


def _only(user: tuple[str, str]) -> Any:
    def check(_: SMTP, __: Session, ___: Envelope, ____: str, data: LoginPassword) -> AuthResult:
        return AuthResult(success=(data.login.decode(), data.password.decode()) == user, handled=False)

    return check
