"""Words for people: Indonesian where the environment asks for it, English otherwise."""

from __future__ import annotations

import os


def is_indonesian() -> bool:
    """LC_ALL, LC_MESSAGES or LANG, as everywhere on a Unix machine."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return os.environ[name].startswith("id")
    return False


def words(indonesian: str, english: str) -> str:
    """One of the two."""
    return indonesian if is_indonesian() else english


def accept_language() -> str:
    """Header for the gateway, so that its answers come in the same language."""
    return "id" if is_indonesian() else "en"
