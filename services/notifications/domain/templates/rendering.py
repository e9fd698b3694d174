"""From a template and its facts to a message: title, plain text, simple HTML. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from typing import Any, Final

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from chassis.times_in_words import day, moment
from services.notifications.domain.templates import accounts, labels, officers, owners
from services.notifications.domain.templates.wording import Wording

LANGUAGES: Final = ("id", "en")
_WORDINGS: Final = (*owners.WORDINGS, *officers.WORDINGS, *accounts.WORDINGS)
#: Characters of a title; a mail's subject is folded beyond that anyway.
_LONGEST_TITLE: Final = 150

_FRAME: Final = """<!doctype html>
<html lang="{{ language }}"><head><meta charset="utf-8"><title>{{ title }}</title></head>
<body style="margin:0;padding:24px;background:#f4f6f5;font-family:system-ui,sans-serif;color:#1c2b26">
<div style="max-width:36em;margin:0 auto;padding:24px;background:#fff;border-radius:8px;line-height:1.5">
{% for paragraph in paragraphs %}<p>{{ paragraph }}</p>
{% endfor %}<p style="margin-top:2em;font-size:85%;color:#5b6b65">{{ footer }}</p>
</div></body></html>
"""
_FOOTERS: Final = {
    "id": "Surel ini dikirim otomatis oleh PLUT ({place}). Mohon tidak membalas surel ini.",
    "en": "This mail was sent by PLUT ({place}) automatically. Please don't reply to it.",
}
_NAMELESS: Final = {
    "business": {"id": "usaha Anda", "en": "your business"},
    "other_business": {"id": "catatan lain", "en": "another record"},
    "person": {"id": "Pemilik Usaha", "en": "owner"},
}


class UnrenderableError(ValueError):
    """No such template, or the facts don't fit it."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message in one language. `title` is one line without control characters; `paragraphs` are plain text."""

    title: str
    paragraphs: tuple[str, ...]
    link: str | None
    language: str

    @property
    def body(self) -> str:
        """The paragraphs, with a blank line between two."""
        return "\n\n".join(self.paragraphs)

    def as_text(self, place: str) -> str:
        """The plain text of a mail; `place` is the portal's address."""
        return f"{self.body}\n\n-- \n{_FOOTERS[self.language].format(place=place)}\n"

    def as_html(self, place: str) -> str:
        """The same as HTML; everything that comes from data is escaped."""
        footer = _FOOTERS[self.language].format(place=place)
        values = {"language": self.language, "title": self.title, "paragraphs": self.paragraphs, "footer": footer}
        return str(_frame().render(values))


def wording(template: str, on: date) -> Wording:
    """The words that were in use on a day; raises UnrenderableError."""
    known = [each for each in _WORDINGS if each.template == template and each.since <= on]
    if not known:
        raise UnrenderableError(f"no wording of {template!r} on {on}")
    return max(known, key=lambda each: each.since)


def templates() -> tuple[str, ...]:
    """Names of all templates."""
    return tuple(dict.fromkeys(each.template for each in _WORDINGS))


def render(template: str, facts: Mapping[str, Any], *, language: str, on: date) -> Rendered:
    """A message's words. `facts` are the draft's params with `business`, `other_business`, `person`, `unit`, `enterprise`.

    Raises UnrenderableError where a fact is missing.
    """
    words = wording(template, on)
    text = words.text(language)
    named = {name: facts.get(name) or nameless[language] for name, nameless in _NAMELESS.items()}
    values = {**facts, **named, "params": facts}
    try:
        title = _compiled(text.title, language).render(values)
        body = _compiled(text.body, language).render(values)
        link = _compiled(words.link, language).render(values) if words.link else None
    except (TemplateError, KeyError, ValueError, TypeError) as error:
        raise UnrenderableError(f"{template}: {type(error).__name__}") from error
    # what a line was broken for in the source is no line break in the message
    paragraphs = (_one_line(paragraph) for paragraph in re.split(r"\n\s*\n", body))
    return Rendered(_shortened(_one_line(title)), tuple(filter(None, paragraphs)), link, language)


def _one_line(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())


def _shortened(title: str) -> str:
    return title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1].rstrip() + "…"


@cache
def _environment(language: str, *, escaping: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(autoescape=escaping, undefined=StrictUndefined)
    for function in (labels.size, labels.reason, labels.field_names, day, moment, labels.number):
        environment.filters[function.__name__] = partial(function, language=language)
    return environment


@cache
def _compiled(source: str, language: str) -> Any:
    # plain text: escaping it would put &amp; into subjects; the HTML frame escapes what it is given
    return _environment(language, escaping=False).from_string(source)


@cache
def _frame() -> Any:
    return _environment("id", escaping=True).from_string(_FRAME)
