"""Idempotency-Key: every POST carries one, so that a repeated request is one request.

Here is only the header's form. That one key has one effect is held where the effect is: the key travels in the access
context, and the service (or the gateway's own unit of work) keeps the reply in the transaction of the change.
"""

from __future__ import annotations

import re
from typing import Final

from flask import request

from contracts import identity_numbers
from contracts.errors import PlutError
from gateway.edge.statuses import IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REQUIRED

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
_KEY: Final = re.compile(r"[\x21-\x7e]{8,128}")
_FIELD: Final = {HEADER: ["8 sampai 128 karakter yang tampak, tanpa spasi. / 8 to 128 visible characters, no spaces."]}


def key() -> str:
    """The request's key: 8 to 128 visible ASCII characters, such as a UUID. Raises a 400 problem without it.

    One with an identity number in it is refused: keys are kept as they come.
    """
    given = request.headers.get(HEADER)
    if given is None:
        raise PlutError(
            IDEMPOTENCY_KEY_REQUIRED,
            f"The header {HEADER} is missing: a new UUID for each new act, the same one when repeating it.",
            f"Header {HEADER} belum ada: UUID baru untuk tiap tindakan baru, yang sama bila mengulanginya.",
            fields=_FIELD,
        )
    if not _KEY.fullmatch(given):
        raise PlutError(
            IDEMPOTENCY_KEY_INVALID,
            f"The header {HEADER} must be 8 to 128 visible characters.",
            f"Header {HEADER} harus 8 sampai 128 karakter yang tampak.",
            fields=_FIELD,
        )
    if identity_numbers.in_text(given):
        raise PlutError(
            IDEMPOTENCY_KEY_INVALID,
            f"The header {HEADER} must not hold an identity number (NIK).",
            f"Header {HEADER} tidak boleh memuat NIK.",
            fields={HEADER: ["Tanpa NIK, misalnya sebuah UUID. / Without a NIK, such as a UUID."]},
        )
    return given
