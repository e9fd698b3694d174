"""Where a reader of published events stands: by the moment at which they were sent, then by position.

Never by position alone: positions are given out before the commit, so a cursor on them skips what a slow transaction
publishes late. Rows are marked as sent by one relay at a time, so this order is that of the marks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, tuple_

from chassis.tables import outbox as table
from contracts.errors import INVALID_REQUEST, PlutError

Place = tuple[datetime, int]

ORDER = (table.c.sent_at, table.c.position)


def write_cursor(place: Place) -> str:
    """A place as a request's cursor."""
    return f"{place[0].isoformat()}~{place[1]}"


def read_cursor(request: Mapping[str, Any]) -> Place | None:
    """The place in a request's cursor, None where it has none; raises PlutError `invalid-request`."""
    cursor = request.get("cursor")
    if not cursor:
        return None
    moment, _, position = cursor.partition("~")
    try:
        sent_at, at = datetime.fromisoformat(moment), int(position)
    except ValueError:
        raise _wrong_cursor() from None
    if sent_at.tzinfo is None or not 0 <= at < 2**63:
        raise _wrong_cursor()
    return sent_at, at


def _wrong_cursor() -> PlutError:
    return PlutError(
        INVALID_REQUEST,
        "The cursor is none that a page gave.",
        "Kursor bukan dari halaman sebelumnya.",
        fields={"cursor": ["Salin dari `next` atau `follow`. / Copy it from `next` or `follow`."]},
    )


def after(place: Place) -> ColumnElement[bool]:
    """What was sent after a place."""
    return tuple_(*ORDER) > place


def before(place: Place) -> ColumnElement[bool]:
    """What was sent before a place."""
    return tuple_(*ORDER) < place
