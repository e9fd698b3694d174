"""What the worker does for notifications: hand over messages all the time, forget what has expired, old messages by night."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis import personal_data
from chassis.jobs import Means, Work, continuously, every, job
from chassis.unit_of_work import UnitOfWork
from contracts.notifications import PersonDataAnswered
from services.notifications.mail.carrier import MailCarrier
from services.notifications.mail.connection import MailConnection
from services.notifications.mail.server import MailServer
from services.notifications.sms.carrier import SmsCarrier
from services.notifications.sms.provider import SmsProvider
from services.notifications.use_cases.erase_person import erase_person
from services.notifications.use_cases.export_person import export_person
from services.notifications.use_cases.forget_secrets import forget_secrets
from services.notifications.use_cases.prune_messages import prune_messages
from services.notifications.use_cases.send_due_messages import MessageSender


@continuously("send-mail", pause=1.0)
def send_mail(means: Means) -> Callable[[], int]:
    """A sender with a connection of its own."""
    connection = MailConnection(MailServer.from_url(means.settings.smtp_url))
    return MessageSender(means.database, MailCarrier(means.settings, connection), means.stopping).step


@continuously("send-sms", pause=1.0)
def send_sms(means: Means) -> Callable[[], int]:
    """A sender of short messages; without a provider there is nothing to do, and codes expire unsent."""
    provider = SmsProvider.from_settings(means.settings)
    if provider is None:
        return lambda: 0
    return MessageSender(means.database, SmsCarrier(provider), means.stopping).step


@job(personal_data.JOB)
def answer_person(work: Work) -> dict[str, Any]:
    """Hand over, or destroy, what is known about a person."""
    return personal_data.answer(work, PersonDataAnswered, export=export_person, erase=erase_person)


@every("* * * * *", "forget-secrets")
def expire(uow: UnitOfWork) -> None:
    """Forget secrets that nobody can use any more."""
    forget_secrets(uow=uow)


@every("41 2 * * *", "prune-messages")
def prune(uow: UnitOfWork) -> None:
    """Forget messages that are past keeping."""
    prune_messages(uow=uow)
