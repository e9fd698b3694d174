"""Passwords that others have lost already: looked up by the first five digits of their hash, so that nobody learns which.

The range protocol of Have I Been Pwned (k-anonymity): asked is for a prefix of the SHA-1, answered are all endings that are
known, padded so that the length tells nothing either. One that can't be asked in time keeps nobody from a new password.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from typing import Final

import requests

from chassis.log import logger
from contracts.errors import INVALID_REQUEST, PlutError

log = logger(__name__)

#: Seconds for all of it, and for one wait within it.
PATIENCE: Final = 2.0
_STEP: Final = 1.0
_PREFIX: Final = 5
_MOST: Final = 1 << 20


class BreachedPasswords:
    """Asks the service at `url`; without one nothing is known."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def refuse(self, password: str, *, field: str = "password") -> None:
        """Raise `invalid-request` for a password that is known to have been lost."""
        if self._url and self._knows(password):
            told = "Kata sandi ini pernah bocor di tempat lain. / This password has leaked elsewhere."
            raise PlutError(
                INVALID_REQUEST, "Choose another password.", "Pilih kata sandi lain.", fields={field: [told]}
            )

    def _knows(self, password: str) -> bool:
        digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        try:
            lines = b"".join(self._answer(digest[:_PREFIX])).decode("ascii", "replace").splitlines()
        except (requests.RequestException, OSError) as error:
            log.warning("breached passwords not asked", error=type(error).__name__)
            return False
        # what only pads has a count of 0
        counts = dict(line.partition(":")[::2] for line in lines)
        return counts.get(digest[_PREFIX:], "0").strip() != "0"

    def _answer(self, prefix: str) -> Iterator[bytes]:
        until, length = time.monotonic() + PATIENCE, 0
        with requests.get(
            f"{self._url}/{prefix}", headers={"Add-Padding": "true"}, timeout=(_STEP, _STEP), stream=True
        ) as answer:
            answer.raise_for_status()
            while piece := answer.raw.read1(decode_content=True):
                length += len(piece)
                if time.monotonic() > until or length > _MOST:
                    raise TimeoutError
                yield piece
