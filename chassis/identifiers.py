"""Identifiers that sort by time: UUID version 7 (RFC 9562)."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

import uuid_utils.compat

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return uuid_utils.compat.uuid7()


def id_of(moment: datetime) -> UUID:
    """A fresh UUIDv7 of a moment (aware): it sorts as that does to the microsecond, whichever process makes it, and when.

    The microseconds stand where RFC 9562 section 6.2 (method 3) has them; moments that are equal sort by chance.
    """
    milliseconds, rest = divmod((moment - _EPOCH) // timedelta(microseconds=1), 1000)
    high = milliseconds << 16 | 7 << 12 | rest * 4096 // 1000
    return UUID(int=high << 64 | 0b10 << 62 | secrets.randbits(62))


def lowest_id(moment: datetime) -> UUID:
    """The smallest UUIDv7 of a moment (aware), as a bound of ranges."""
    milliseconds = (moment - _EPOCH) // timedelta(milliseconds=1)
    return UUID(int=milliseconds << 80)
