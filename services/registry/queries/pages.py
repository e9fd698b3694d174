"""Pages by an opaque cursor: where the page before ended."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from contracts.errors import INVALID_REQUEST, PlutError


def encode_cursor(position: str) -> str:
    """A position as a cursor."""
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


def position_of(request: Mapping[str, Any]) -> str | None:
    """The position in a request's cursor; raises PlutError `invalid-request` for one that nobody was given."""
    cursor = request.get("cursor")
    if not cursor:
        return None
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise bad_cursor() from None


def bad_cursor() -> PlutError:
    """The refusal of a cursor."""
    return PlutError(
        INVALID_REQUEST,
        "The cursor is not one that a page gave.",
        "Penanda halaman tidak dikenal.",
        fields={"cursor": ["Not a cursor of this listing."]},
    )


def page_of(items: Sequence[Any], limit: int, position: Callable[[Any], str]) -> dict[str, Any]:
    """A page of `items`, of which one more than `limit` were asked for."""
    more = len(items) > limit
    shown = list(items[:limit])
    return {"items": shown, "next": encode_cursor(position(shown[-1])) if more else None}
