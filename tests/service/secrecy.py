"""What logs must not hold."""

from __future__ import annotations

import re

_IDENTIFIER = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b")
_NUMBERS = (r"(?<![\w.-])\d{16}(?!\d)", r"(?:\+?62|\b0)[ -]?8\d{2}[ -]?\d{4}")


def assert_no_numbers(written: str) -> None:
    """No NIK and no phone number, however it is written; an identifier's digits are neither."""
    text = _IDENTIFIER.sub("", written)
    for pattern in _NUMBERS:
        assert not re.search(pattern, text), re.search(f".*{pattern}.*", text)
