"""Notifications with a database of its own: events go in, mails come out, and the tables can be looked into."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.consume import Consumer
from chassis.database import Database
from chassis.identifiers import new_id
from chassis.services import load
from chassis.settings import Settings
from chassis.subscriptions import subscriptions_in
from chassis.unit_of_work import UnitOfWork
from contracts.access import AccessContext
from contracts.events import Envelope, Event, encode, schema_url, sequence
from contracts.registry import Contact, EnterpriseAdvanced, EnterpriseRegistered, EnterpriseUpdated, ImportCompleted
from services.notifications.mail.carrier import MailCarrier
from services.notifications.mail.connection import MailConnection
from services.notifications.mail.server import MailServer
from services.notifications.sms.carrier import SmsCarrier
from services.notifications.sms.provider import SmsProvider
from services.notifications.use_cases.send_due_messages import LEASE, MessageSender
from tests.stack import Corner

SITI = Contact(name="Siti Rahmawati", phone="+6281234567890", email="siti@umkm.example")


def envelope(
    event: Event, *, subject: UUID, version: int = 1, unit: str = "21.71", actor: str | None = "0199-officer"
) -> Envelope[Any]:
    """As the registry would publish it."""
    kind = type(event)
    return Envelope(
        id=new_id(), source="/plut/registry", type=kind.type, subject=str(subject), time=datetime.now(UTC), unit=unit,
        sequence=sequence(version), data=event, dataschema=schema_url(kind), correlationid="c-1", actor=actor,
    )  # fmt: skip


def registered(
    enterprise: UUID | None = None, *, contact: Contact | None = SITI, job: UUID | None = None, **more: Any
) -> Envelope[Any]:
    """An enterprise is known."""
    enterprise = enterprise or new_id()
    event = EnterpriseRegistered(
        enterprise=enterprise, business="Dapur Siti", kind="perorangan", contact=contact, job=job
    )
    return envelope(event, subject=enterprise, **more)


def updated(
    enterprise: UUID, version: int, *, fields: tuple[str, ...] = ("owner.phone",), contact: Contact | None = SITI,
    job: UUID | None = None, business: str = "Dapur Siti",
) -> Envelope[Any]:  # fmt: skip
    """Its data changed."""
    event = EnterpriseUpdated(
        enterprise=enterprise, fields=fields, business=business, kind="perorangan", contact=contact, job=job
    )
    return envelope(event, subject=enterprise, version=version)


def advanced(enterprise: UUID, version: int = 2) -> Envelope[Any]:
    """Naik kelas."""
    event = EnterpriseAdvanced(enterprise=enterprise, before="micro", after="small", since=dt.date(2026, 1, 2))
    return envelope(event, subject=enterprise, version=version)


def imported(actor: str | None = "0199-officer", *, unit: str = "21.71") -> Envelope[Any]:
    """An import was completed."""
    job = new_id()
    event = ImportCompleted(job=job, sha256="0" * 64, rows=5000, new=4812, same=100, review=80, broken=8)
    return envelope(event, subject=job, unit=unit, actor=actor)


class Office:
    """`hear` takes events in as the service would, `send` hands mail over as a worker would."""

    def __init__(self, corner: Corner) -> None:
        self.corner = corner
        self.environment = corner.environment | {"PLUT_MAIL_FROM": "PLUT Batam <plut@batam.example>"}
        self.settings = Settings.from_environment(self.environment)
        self.database = Database(self.settings, "notifications")
        self._connection = corner.connect("notifications")
        found = subscriptions_in(load("notifications", "handlers"))
        self._consumers = {each.event_type.type: Consumer(self.database, each) for each in found}

    def hear(self, *envelopes: Envelope[Any]) -> None:
        """Batches of one type each, in the order of the types' first events."""
        for kind in dict.fromkeys(each.type for each in envelopes):
            self._consumers[kind].take([encode(each) for each in envelopes if each.type == kind])
        failed = self.rows("SELECT error FROM plut.failed_event")
        assert not failed, failed

    def sender(self, port: int, *, lease: timedelta = LEASE, batch: int = 20, url: str | None = None) -> MessageSender:
        """A sender to a server on loopback."""
        server = MailServer.from_url(url or f"smtp://127.0.0.1:{port}")
        carrier = MailCarrier(self.settings, MailConnection(server))
        return MessageSender(self.database, carrier, threading.Event(), batch=batch, lease=lease)

    def send_sms(self, url: str, **settings: str) -> None:
        """Hand over all short messages that are due."""
        provider = SmsProvider.from_settings(replace(self.settings, sms_url=url, **settings))
        assert provider is not None
        sender = MessageSender(self.database, SmsCarrier(provider), threading.Event())
        while sender.step():
            pass

    def send(self, port: int, **options: Any) -> MessageSender:
        """Hand over all that is due."""
        sender = self.sender(port, **options)
        while sender.step():
            pass
        return sender

    def rows(self, query: str, *values: Any) -> list[Any]:
        """What a query finds."""
        return self._connection.execute(query, values).fetchall()

    def states(self) -> list[tuple[str, int, str | None]]:
        """State, attempts and error of all mails, oldest first."""
        return self.rows("SELECT state, attempts, error FROM message WHERE channel = 'email' ORDER BY id")

    def inbox(self) -> list[tuple[str, str, str | None]]:
        """Template, unit and account of what is in inboxes, oldest first."""
        return self.rows("SELECT template, unit, account FROM message WHERE channel = 'inbox' ORDER BY template, unit")

    def published(self) -> list[tuple[str, int]]:
        """Events in the outbox: the type's name, and how many."""
        return self.rows("SELECT split_part(type, '.', 4), count(*) FROM plut.outbox GROUP BY 1 ORDER BY 1")

    def empty(self) -> None:
        """As it was at first, with connections that nobody has cut."""
        self.database.close()
        # row by row: TRUNCATE and a running sender would wait for each other
        for table in (
            "message",
            "recipient",
            "delivery",
            "plut.inbox",
            "plut.outbox",
            "plut.failed_event",
            "plut.audit",
        ):
            self._connection.execute(f"DELETE FROM {table}")

    def make_due(self) -> None:
        """Let the time pass that mails wait for."""
        self._connection.execute("UPDATE message SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL")

    def cut_connections(self) -> None:
        """End the service's connections to the database."""
        self.corner.cut_connections("notifications")

    def unit_of_work(self, context: AccessContext, roles: Iterable[str]) -> UnitOfWork:
        """As an entrypoint opens it."""
        return UnitOfWork(self.database, context, roles=roles)

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()
        self.database.close()


def mails_for(count: int, address: str = "u{number}@umkm.example") -> Sequence[Envelope[Any]]:
    """Enterprises that a person registered, each with an address of its own."""
    return [
        registered(contact=Contact(name=f"Pemilik {number}", email=address.format(number=number)))
        for number in range(count)
    ]
