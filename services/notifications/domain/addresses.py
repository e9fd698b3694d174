"""E-mail addresses and phone numbers: whether one can be written to, and how it is shown to those who needn't know it."""

from __future__ import annotations

import re
from typing import Final

# RFC 5321's dot-atom without the quoted forms, which no mail server in use hands out. ASCII only: SMTPUTF8 isn't common.
_LOCAL: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL: Final = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(rf"{_LOCAL}@({_LABEL}\.)*{_LABEL}", re.ASCII)
_PHONE: Final = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_LONGEST, _LONGEST_LOCAL = 254, 64


def is_address(text: str) -> bool:
    """Whether mail can be sent to `text`. Control characters, blanks and lists never pass: nothing can be slipped in."""
    local = text.partition("@")[0]
    return len(text) <= _LONGEST and len(local) <= _LONGEST_LOCAL and _ADDRESS.fullmatch(text) is not None


def is_phone(text: str) -> bool:
    """Whether `text` is a number in the form of E.164: `+6281270001234`."""
    return _PHONE.fullmatch(text) is not None


def masked(address: str) -> str:
    """`siti@gmail.com` as `s***@gmail.com`, `+6281270001234` as `+628***34`."""
    if is_phone(address):
        return f"{address[:4]}***{address[-2:]}"
    local, _, domain = address.partition("@")
    return f"{local[:1]}***@{domain}"


def without(text: str, address: str) -> str:
    """A mail server's answer without the address that it repeats."""
    return re.sub(re.escape(address), "<address>", text, flags=re.IGNORECASE)
