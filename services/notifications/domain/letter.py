"""A message as an e-mail: the bytes that go to the mail server, the same for every attempt."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from uuid import UUID

from services.notifications.domain.templates.rendering import Rendered


def sender_domain(mail_from: str) -> str:
    """The domain of `PLUT <plut@kota.example>`."""
    return parseaddr(mail_from)[1].rpartition("@")[2] or "localhost"


def message_id(message: UUID, mail_from: str) -> str:
    """The Message-ID, by which mail servers and readers drop a repeat."""
    return f"<{message}@{sender_domain(mail_from)}>"


def letter(
    message: UUID, rendered: Rendered, *, to: str, mail_from: str, written: datetime, place: str
) -> bytes:  # fmt: skip
    """The mail in the form of RFC 5322, as plain text and HTML.

    `to` has passed `is_address`; headers are set through the standard library's structured classes, which refuse line
    breaks. `written` is the date of the message, not of the attempt, so that a repeat is the same mail.
    """
    name, address = parseaddr(mail_from)
    local, _, domain = to.rpartition("@")
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(display_name=name, addr_spec=address)
    mail["To"] = Address(username=local, domain=domain)
    mail["Subject"] = rendered.title
    mail["Date"] = format_datetime(written)
    mail["Message-ID"] = message_id(message, mail_from)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(rendered.as_text(place))
    mail.add_alternative(rendered.as_html(place), subtype="html")
    mail["Content-Language"] = rendered.language
    # the boundary is random otherwise
    mail.set_boundary(f"plut-{message.hex}")
    return mail.as_bytes()
