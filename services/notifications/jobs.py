"""What the worker does for notifications: hand over messages all the time, forget what has expired, old messages by night."""

from __future__ import annotations

from collections.abc import Callable

from chassis.jobs import Means, continuously, every
from chassis.unit_of_work import UnitOfWork
from services.notifications.mail.carrier import MailCarrier
from services.notifications.mail.connection import MailConnection
from services.notifications.mail.server import MailServer
from services.notifications.sms.carrier import SmsCarrier
from services.notifications.sms.provider import SmsProvider
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


@every("* * * * *", "forget-secrets")
def expire(uow: UnitOfWork) -> None:
    """Forget secrets that nobody can use any more."""
    forget_secrets(uow=uow)


@every("41 2 * * *", "prune-messages")
def prune(uow: UnitOfWork) -> None:
    """Forget messages that are past keeping."""
    prune_messages(uow=uow)
