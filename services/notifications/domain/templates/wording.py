"""What a template is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

#: Day on which the first wordings came into use.
BEGIN: Final = date(2026, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A template's words in one language: Jinja2, one line for the title, paragraphs between blank lines for the body."""

    title: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The words of one template, in use from `since` on: a change is a new wording, so that old messages read as sent."""

    template: str
    since: date = BEGIN
    id: Text
    en: Text
    link: str | None = None
    """Path of the API of what it is about, a template itself."""

    def text(self, language: str) -> Text:
        """Its words in `language`; Indonesian where there is no other."""
        return self.en if language == "en" else self.id
