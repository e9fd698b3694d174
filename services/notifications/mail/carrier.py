"""E-mail as a channel."""

from __future__ import annotations

from email.utils import parseaddr

from chassis.settings import Settings
from services.notifications.carrier import Accepted
from services.notifications.domain.addresses import is_address
from services.notifications.domain.letter import letter
from services.notifications.domain.templates.rendering import render
from services.notifications.mail.connection import STEP, WHOLE, MailConnection
from services.notifications.storage.messages import Claim


class MailCarrier:
    """Letters over one connection to the mail server."""

    channel = "email"
    longest = STEP + 2 * WHOLE

    def __init__(self, settings: Settings, connection: MailConnection) -> None:
        self._settings = settings
        self._connection = connection

    def can_reach(self, address: str) -> bool:
        """Whether mail can be sent there."""
        return is_address(address)

    def write(self, claimed: Claim) -> bytes:
        """The letter. Raises UnrenderableError."""
        assert claimed.address is not None
        words = render(claimed.template, claimed.facts, language=claimed.language, on=claimed.created_at.date())
        return letter(
            claimed.id, words, to=claimed.address, mail_from=self._settings.mail_from, written=claimed.created_at,
            place=self._settings.public_url,
        )  # fmt: skip

    def hand_over(self, claimed: Claim, written: bytes) -> Accepted:
        """Give it to the mail server."""
        assert claimed.address is not None
        return self._connection.hand_over(written, sender=parseaddr(self._settings.mail_from)[1], to=claimed.address)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()
