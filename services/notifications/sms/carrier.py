"""Short messages as a channel."""

from __future__ import annotations

from typing import Final

import requests

from services.notifications.carrier import Accepted, NotNowError, RefusedError, ServerAwayError
from services.notifications.domain.addresses import is_phone
from services.notifications.domain.templates.rendering import render
from services.notifications.sms.provider import SmsProvider
from services.notifications.storage.messages import Claim

#: Seconds to connect, and to wait for the answer.
PATIENCE: Final = (5.0, 15.0)
#: What says something about us or the provider, and nothing about the message.
_OURS: Final = frozenset({401, 402, 403, 404, 405})
_FOR_NOW: Final = frozenset({408, 409, 425, 429})


class SmsCarrier:
    """Hands short messages to a provider, one request each; the message's id lets it drop a repeat."""

    channel = "sms"
    longest = sum(PATIENCE)

    def __init__(self, provider: SmsProvider) -> None:
        self._provider = provider
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Content-Type"] = provider.content_type
        if provider.authorization:
            self._session.headers["Authorization"] = provider.authorization

    def can_reach(self, address: str) -> bool:
        """Whether it is a number in the form of E.164."""
        return is_phone(address)

    def write(self, claimed: Claim) -> bytes:
        """The request's body. Raises UnrenderableError."""
        assert claimed.address is not None
        words = render(claimed.template, claimed.facts, language=claimed.language, on=claimed.created_at.date())
        return self._provider.filled(to=claimed.address, text=" ".join(words.paragraphs), id=str(claimed.id))

    def hand_over(self, claimed: Claim, written: bytes) -> Accepted:
        """Give it to the provider. Of the answer only its status is kept: many repeat the text in it.

        When the connection breaks after the last byte, nobody knows whether it was taken: it is tried again.
        """
        del claimed
        try:
            with self._session.post(
                self._provider.url, data=written, timeout=PATIENCE, allow_redirects=False, stream=True
            ) as answer:
                status = answer.status_code
        except requests.ConnectTimeout as error:
            raise ServerAwayError(type(error).__name__) from None
        except requests.ConnectionError as error:
            # refused at once, or broken in the middle: requests calls both by one name
            if "NewConnectionError" in repr(error):
                raise ServerAwayError("nobody answers") from None
            raise NotNowError("the connection broke") from None
        except requests.RequestException as error:
            raise NotNowError(type(error).__name__) from None
        return _judged(status)

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()


def _judged(status: int) -> Accepted:
    if 200 <= status < 300:  # noqa: PLR2004 - what HTTP calls a success
        return Accepted("", status)
    if status in _OURS or 300 <= status < 400:  # noqa: PLR2004 - a redirect
        raise ServerAwayError(f"the provider answered {status}")
    if status in _FOR_NOW or status >= 500:  # noqa: PLR2004 - a failure of theirs
        raise NotNowError("", status)
    raise RefusedError("", status)
