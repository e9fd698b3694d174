"""What carries messages of one channel to people, and what its server can answer, told apart by what is to be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from services.notifications.storage.messages import Claim


class ServerAwayError(Exception):
    """The server can't be used at all: no connection, no login, or it takes nothing from us.

    No message is to blame, so none loses an attempt.
    """


class NotNowError(Exception):
    """The server didn't take this message for now, or the connection broke while it was handed over."""

    def __init__(self, answer: str, status: int | None = None) -> None:
        super().__init__(answer)
        self.answer = answer
        self.status = status


class RefusedError(NotNowError):
    """The server refuses this message for good."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server has taken the message over."""

    answer: str
    status: int


class Carrier(Protocol):
    """A channel's way out. What it writes for a message is the same for every attempt."""

    channel: str
    #: Seconds that one message may take, the connection included.
    longest: float

    def can_reach(self, address: str) -> bool:
        """Whether there can be such an address at all."""

    def write(self, claimed: Claim) -> bytes:
        """The message as it is handed over. Raises UnrenderableError."""

    def hand_over(self, claimed: Claim, written: bytes) -> Accepted:
        """Give it to the server. Raises ServerAwayError, NotNowError or RefusedError."""

    def close(self) -> None:
        """Nothing is due for now."""
