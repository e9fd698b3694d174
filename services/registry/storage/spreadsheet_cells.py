"""Text that may be put into a cell of somebody's spreadsheet without being run as a formula."""

from __future__ import annotations

from typing import Any

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def harmless(value: Any) -> Any:
    """A text that begins like a formula gets an apostrophe in front (OWASP: CSV injection); all else stays."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_DANGEROUS) else value
