"""Mails that were taken, in one SQLite file: newest first, found by recipient."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

KEPT = 50_000
"""So many mails are kept; older ones are forgotten."""

_TABLE = """
CREATE TABLE IF NOT EXISTS mail (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipients TEXT NOT NULL,
    subject TEXT NOT NULL,
    message_id TEXT NOT NULL,
    raw BLOB NOT NULL
)
"""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it came; `recipients` are those of the envelope, separated by `, `."""

    id: int
    received_at: str
    sender: str
    recipients: str
    subject: str
    message_id: str
    raw: bytes

    def parsed(self) -> EmailMessage:
        """The message with its parts decoded."""
        message = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message

    def body(self, kind: str) -> str | None:
        """Text of the part `plain` or `html`; None without one."""
        part = self.parsed().get_body((kind,))
        return None if part is None else str(part.get_content())

    def summary(self) -> dict[str, Any]:
        """What a list shows."""
        return {
            "id": self.id,
            "received_at": self.received_at,
            "from": self.sender,
            "to": self.recipients.split(", "),
            "subject": self.subject,
            "message_id": self.message_id,
        }

    def detail(self) -> dict[str, Any]:
        """Everything: bodies and headers, too."""
        headers = [{"name": name, "value": str(value)} for name, value in self.parsed().items()]
        return {**self.summary(), "text": self.body("plain"), "html": self.body("html"), "headers": headers}


class MailStore:
    """The mails in one file; safe to use from several threads."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._writing = threading.Lock()
        with self._open() as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute(_TABLE)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._file, timeout=10)) as database, database:
            database.execute("PRAGMA synchronous = OFF")  # mails of a demonstration
            yield database

    def add(self, sender: str, recipients: list[str], raw: bytes) -> None:
        """Keep one mail; whatever the bytes are, they are kept."""
        try:
            message = message_from_bytes(raw, policy=policy.default)
            subject, message_id = str(message["subject"] or ""), str(message["message-id"] or "")
        except Exception:  # noqa: BLE001 (the parser of the standard library raises many kinds on odd headers)
            subject, message_id = "(unreadable)", ""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._writing, self._open() as database:
            added = database.execute(
                "INSERT INTO mail (received_at, sender, recipients, subject, message_id, raw) VALUES (?, ?, ?, ?, ?, ?)",
                (now, sender, ", ".join(recipients), subject, message_id, raw),
            ).lastrowid
            database.execute("DELETE FROM mail WHERE id <= ?", ((added or 0) - KEPT,))

    def add_sms(self, to: str, text: str, message_id: str) -> None:
        """Keep a short message as a mail from nobody: what it says is its subject and its text."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = "sms", to, " ".join(text.split()), message_id
        mail.set_content(text)
        self.add("sms", [to], bytes(mail))

    def newest(self, limit: int, before: int | None = None, to: str | None = None) -> list[Mail]:
        """At most `limit` mails older than `before`, newest first; `to` is a part of a recipient's address."""
        with self._open() as database:
            rows = database.execute(
                "SELECT id, received_at, sender, recipients, subject, message_id, raw FROM mail"
                " WHERE id < ? AND instr(recipients, ?) > 0 ORDER BY id DESC LIMIT ?",
                (before or 2**62, to or "", limit),
            ).fetchall()
        return [Mail(*row) for row in rows]

    def get(self, mail: int) -> Mail | None:
        """One mail."""
        found = self.newest(1, before=mail + 1)
        return found[0] if found and found[0].id == mail else None

    def count(self) -> int:
        """How many there are."""
        with self._open() as database:
            return int(database.execute("SELECT count(*) FROM mail").fetchone()[0])

    def clear(self) -> None:
        """Forget all."""
        with self._writing, self._open() as database:
            database.execute("DELETE FROM mail")
