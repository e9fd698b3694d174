"""Notifications' RPC: what each method takes and answers. `METHODS` is the list that service and gateway agree on.

Suggested paths under `/notifications`: GET `/inbox`, GET `/inbox/unread`, POST `/inbox/{id}/read`, POST `/inbox/read`,
GET `/messages`, GET `/messages/{id}`, POST `/messages/{id}/resend`, GET and PUT `/delivery`.
"""

from __future__ import annotations

from typing import Final

from marshmallow import Schema, fields, validate

from contracts.api.fields import (
    Page,
    Reply,
    Request,
    choice,
    cursor,
    limit,
    listing,
    moment,
    text,
    truth,
    unit,
    uuid,
    whole,
    yes,
)

CHANNELS: Final = ("email", "inbox", "sms")
MESSAGE_STATES: Final = ("waiting", "sending", "sent", "failed", "suppressed")
LANGUAGES: Final = ("id", "en")


def _language(**kw: object) -> fields.String:
    return choice(LANGUAGES, "Language of title and text: id or en.", **kw)


class ListInbox(Request):
    """The caller's inbox, newest first: what is for the account itself, and what is for the units that it works in."""

    unread = yes("Only what the caller hasn't read.")
    unit = unit("Only messages to this unit; it may lie below the caller's own (a province looks at a city).")
    language = _language(load_default="id")
    cursor = cursor()
    limit = limit()


class CountUnread(Request):
    """How many messages of the inbox the caller hasn't read."""


class MarkRead(Request):
    """The caller has read a message of the inbox."""

    id = uuid("The message.", required=True)


class MarkAllRead(Request):
    """The caller has read everything in the inbox, or everything up to a message."""

    until = uuid("The newest message that was seen; what came after it stays unread.", load_default=None)


class ListMessages(Request):
    """Messages that were written to owners and officers, newest first."""

    enterprise = uuid("Only about this enterprise.")
    state = choice(MESSAGE_STATES, "Only in this state.")
    channel = choice(CHANNELS, "Only by this channel.")
    template = text("Only of this kind.", "enterprise-advanced", most=60)
    unit = unit("Only of this unit and below.")
    language = _language(load_default="id")
    cursor = cursor()
    limit = limit()


class GetMessage(Request):
    """One message with its text."""

    id = uuid("The message.", required=True)
    language = _language()


class ResendMessage(Request):
    """Try a message that has failed or was suppressed again, from the first attempt."""

    id = uuid("The message.", required=True)


class GetDelivery(Request):
    """Where the caller's own notices go."""


class SetDelivery(Request):
    """Say where the caller's own notices go besides the inbox."""

    email = fields.Email(
        required=True,
        allow_none=True,
        validate=validate.Length(max=254),
        metadata={"description": "Copies go to this address; null for none.", "example": "sri@batam.example"},
    )
    language = _language(load_default="id")


class InboxMessage(Reply):
    """A message in the portal's inbox."""

    id = uuid("The message.")
    template = text("What it is about.", "import-completed")
    unit = text("The unit that it belongs to.", "21.71")
    title = text("Title.", "Impor selesai: 4.812 usaha baru")
    body = text("Text, in plain paragraphs.", most=10_000)
    enterprise = uuid("The enterprise that it is about.", allow_none=True)
    link = text("Path in the API of what it is about.", "/api/v1/registry/imports/0197f0a2", allow_none=True)
    read = truth("Whether the caller has read it.")
    created_at = moment("When it was written.")


class InboxPage(Page):
    """Messages of the inbox, newest first."""

    items = listing(InboxMessage, "Messages, newest first.")
    unread = whole("How many the caller hasn't read, of all.", 3)


class UnreadCount(Reply):
    """How many are unread."""

    unread = whole("How many the caller hasn't read.", 3)


class MarkedRead(Reply):
    """How many became read."""

    marked = whole("Messages that were unread before.", 3)


class MessageSummary(Reply):
    """A message and what came of it."""

    id = uuid("The message.")
    template = text("What it is about.", "enterprise-advanced")
    title = text("Title as it is, or was, sent.", "Selamat, usaha Anda naik kelas")
    channel = choice(CHANNELS, "By which channel.")
    unit = text("Unit.", "21.71")
    enterprise = uuid("The enterprise whose owner it is for, or that it is about.", allow_none=True)
    account = text("The account that it is for.", allow_none=True)
    to = text("Address, masked.", "s***@gmail.com", allow_none=True)
    state = choice(MESSAGE_STATES, "waiting, sending, sent (taken over by the next server), failed or suppressed.")
    attempts = whole("How often it was tried.", 1)
    error = text("Why it failed or was suppressed: a code.", "no-address", allow_none=True)
    error_text = text("The same in words.", "Pemilik tidak punya alamat surel.", allow_none=True, most=1000)
    next_attempt_at = moment("When it is tried next.", allow_none=True)
    created_at = moment("When it was written.")
    sent_at = moment("When the server took it.", allow_none=True)


class MessageView(MessageSummary):
    """One message with its text."""

    body = text("Text, in plain paragraphs.", most=10_000)
    language = _language()


class MessagePage(Page):
    """Messages, newest first."""

    items = listing(MessageSummary, "Messages, newest first.")


class DeliveryView(Reply):
    """Where an account's own notices go."""

    email = text("Copies go to this address; null for none.", "sri@batam.example", allow_none=True)
    language = _language()


METHODS: Final[dict[str, tuple[type[Schema], type[Schema]]]] = {
    "list_inbox": (ListInbox, InboxPage),
    "count_unread": (CountUnread, UnreadCount),
    "mark_read": (MarkRead, InboxMessage),
    "mark_all_read": (MarkAllRead, MarkedRead),
    "list_messages": (ListMessages, MessagePage),
    "get_message": (GetMessage, MessageView),
    "resend_message": (ResendMessage, MessageSummary),
    "get_delivery": (GetDelivery, DeliveryView),
    "set_delivery": (SetDelivery, DeliveryView),
}
"""RPC method → what it takes, what it answers. A path parameter of the HTTP API goes into the field of its name."""
