"""Pages by an opaque cursor: where the page before ended."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from contracts.errors import INVALID_REQUEST, PlutError


def encode_cursor(*position: Any) -> str:
    """A position, the values by which a listing is ordered, as a cursor."""
    return base64.urlsafe_b64encode(orjson.dumps([str(part) for part in position])).decode().rstrip("=")


def position_of(request: Mapping[str, Any], *kinds: Callable[[str], Any]) -> tuple[Any, ...] | None:
    """The position in a request's cursor, each of its values read by its kind (`UUID`, `row_number`, `plain_text`).

    None on the first page. Raises PlutError `invalid-request` for a cursor that no page of this listing gave.
    """
    cursor = request.get("cursor")
    if not cursor:
        return None
    try:
        parts = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        return tuple(kind(part) for kind, part in zip(kinds, _texts(parts), strict=True))
    except (ValueError, TypeError):
        raise _bad_cursor() from None


def plain_text(part: str) -> str:
    """A text that the database can hold; raises ValueError for another."""
    if "\x00" in part:
        raise ValueError("a zero character")
    return part


def row_number(part: str) -> int:
    """A number that a column of 32 bits can hold; raises ValueError for another."""
    number = int(part)
    if not 0 <= number < 2**31:
        raise ValueError("no number of a row")
    return number


def page_of(items: Sequence[Any], limit: int, position: Callable[[Any], tuple[Any, ...]]) -> dict[str, Any]:
    """A page of `items`, of which one more than `limit` were asked for; `position` is that of an item."""
    more = len(items) > limit
    shown = list(items[:limit])
    return {"items": shown, "next": encode_cursor(*position(shown[-1])) if more else None}


def _texts(parts: Any) -> list[str]:
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise TypeError("a position is a list of texts")
    return parts


def _bad_cursor() -> PlutError:
    return PlutError(
        INVALID_REQUEST,
        "The cursor is not one that a page gave.",
        "Penanda halaman tidak dikenal.",
        fields={"cursor": ["Bukan penanda halaman daftar ini.", "Not a cursor of this listing."]},
    )
