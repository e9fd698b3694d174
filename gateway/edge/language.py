"""Which language an answer is in: Indonesian, unless the reader asks for English."""

from __future__ import annotations

from typing import Final

from flask import request

INDONESIAN: Final = "id"
ENGLISH: Final = "en"


def wanted() -> str:
    """The language that `Accept-Language` prefers among `id` and `en`; `id` where it says nothing."""
    return request.accept_languages.best_match((INDONESIAN, ENGLISH)) or INDONESIAN


def choose(indonesian: str, english: str) -> str:
    """The text in the language that the reader wants."""
    return english if wanted() == ENGLISH else indonesian
