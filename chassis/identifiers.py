"""Identifiers that sort by time: UUID version 7 (RFC 9562)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return uuid_utils.compat.uuid7()


def lowest_id(moment: datetime) -> UUID:
    """The smallest UUIDv7 of a moment (aware), as a bound of ranges."""
    milliseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    return UUID(int=milliseconds << 80)
