"""AES-256-GCM with a nonce of its own in front: the one way in which anything is encrypted here."""

from __future__ import annotations

import os
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

#: Bytes of a key.
KEY: Final = 32
#: Bytes of the nonce that stands before the ciphertext.
NONCE: Final = 12


def enclose(cipher: AESGCM, plain: bytes, about: bytes | None = None) -> bytes:
    """Nonce and ciphertext; `about` is authenticated with it."""
    nonce = os.urandom(NONCE)
    return nonce + cipher.encrypt(nonce, plain, about)


def disclose(cipher: AESGCM, sealed: bytes, about: bytes | None = None) -> bytes:
    """What was enclosed; raises cryptography's InvalidTag for another key, or about something else."""
    return cipher.decrypt(sealed[:NONCE], sealed[NONCE:], about)
