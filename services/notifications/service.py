"""The notifications service: what it answers, method by method. What it hears stands in `handlers`."""

from __future__ import annotations

from typing import Any

from chassis.runtime import Service, command, query
from chassis.unit_of_work import UnitOfWork
from contracts.api import for_gateway
from contracts.api import notifications as api
from services.notifications import queries
from services.notifications.use_cases.mark_all_read import mark_all_read
from services.notifications.use_cases.mark_read import mark_read
from services.notifications.use_cases.resend_message import resend_message
from services.notifications.use_cases.send_secret import send_secret
from services.notifications.use_cases.set_delivery import set_delivery

Request = dict[str, Any]
Reply = dict[str, Any]


class NotificationsService(Service):
    """People are told what happened."""

    name = "notifications"

    @query(api.ListInbox)
    def list_inbox(self, uow: UnitOfWork, request: Request) -> Reply:
        """The caller's inbox."""
        return queries.list_inbox(uow=uow, request=request)

    @query(api.CountUnread)
    def count_unread(self, uow: UnitOfWork, _: Request) -> Reply:
        """How many messages the caller hasn't read."""
        return queries.count_unread(uow=uow)

    @command(api.MarkRead)
    def mark_read(self, uow: UnitOfWork, request: Request) -> Reply:
        """The caller has read a message."""
        return mark_read(uow=uow, message_id=request["id"])

    @command(api.MarkAllRead)
    def mark_all_read(self, uow: UnitOfWork, request: Request) -> Reply:
        """The caller has read all of them."""
        return mark_all_read(uow=uow, until=request["until"])

    @query(api.ListMessages)
    def list_messages(self, uow: UnitOfWork, request: Request) -> Reply:
        """What was written to whom, and what came of it."""
        return queries.list_messages(uow=uow, request=request)

    @query(api.GetMessage)
    def get_message(self, uow: UnitOfWork, request: Request) -> Reply:
        """One message with its text."""
        return queries.get_message(uow=uow, request=request)

    @command(api.ResendMessage)
    def resend_message(self, uow: UnitOfWork, request: Request) -> Reply:
        """Try a mail again that came to nothing."""
        return resend_message(uow=uow, message_id=request["id"])

    @query(api.GetDelivery)
    def get_delivery(self, uow: UnitOfWork, _: Request) -> Reply:
        """Where the caller's own notices go."""
        return queries.get_delivery(uow=uow)

    @command(api.SetDelivery)
    def set_delivery(self, uow: UnitOfWork, request: Request) -> Reply:
        """Where the caller's own notices shall go."""
        return set_delivery(uow=uow, email=request["email"], language=request["language"])

    @command(for_gateway.SendSecret)
    def send_secret(self, uow: UnitOfWork, request: Request) -> Reply:
        """Write to one person, in words that may hold a secret: what the gateway itself asks for."""
        return send_secret(uow=uow, request=request)
