"""Facts that notifications publishes: what became of a message.

Thin by rule: never an address, never a word of the message. `subject` is the message and `sequence` its number of attempts.
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from contracts.events import Event
from contracts.personal_data import Answer

Channel = Literal["email", "inbox"]
Reason = Literal["refused", "gave-up", "unrenderable"]


class MessageDelivered(Event, frozen=True, kw_only=True):
    """The channel's server has accepted a message: for e-mail, the next mail server has taken it over."""

    message: UUID
    template: str
    """What it is about, such as `enterprise-advanced`."""
    channel: Channel
    enterprise: UUID | None = None
    account: str | None = None
    """The account that it is for, where it isn't for an enterprise's owner."""
    cause: UUID
    """The event that it tells of."""
    attempts: int


class MessageFailed(Event, frozen=True, kw_only=True):
    """A message will not be tried again: its server refused it for good, its last attempt failed, or it has no words."""

    message: UUID
    template: str
    channel: Channel
    enterprise: UUID | None = None
    account: str | None = None
    cause: UUID
    attempts: int
    reason: Reason
    status: int | None = None
    """What the server answered, such as 550."""


class PersonDataAnswered(Answer, frozen=True, kw_only=True):
    """Notifications has handed over, or destroyed, what it held about a person: addresses, and what was sent to them."""
