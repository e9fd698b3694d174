"""What operators select events by on the command line: the same words everywhere."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import click

from contracts import catalogue
from deploy.cli.language import words
from deploy.processes import SERVICES

_AGO = re.compile(r"(\d+)\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Moment(click.ParamType[str]):
    """A moment: RFC 3339 ("2026-11-21T08:30:00+07:00", or without an offset in local time), or so long ago ("2h")."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """As RFC 3339 in UTC."""
        text = str(value).strip()
        try:
            if ago := _AGO.fullmatch(text):
                moment = datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
                return moment.isoformat(timespec="seconds")
            # one without an offset is meant as the clock on the wall
            return datetime.fromisoformat(text).astimezone().astimezone(UTC).isoformat()
        except (ValueError, OverflowError):
            self.fail(
                words(
                    f"{value!r} bukan waktu: tulis 30m, 2h, 7d, atau 2026-11-21T08:30:00+07:00",
                    f"{value!r} is no moment: write 30m, 2h, 7d, or 2026-11-21T08:30:00+07:00",
                ),
                param,
                ctx,
            )


class EventType(click.ParamType[str]):
    """An event type, also without `id.plut.`, or by its bare name where only one service has it."""

    name = "type"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The whole type. One that isn't known here, but is whole, is passed on: the platform may be newer."""
        known = [each.type for each in catalogue.event_types()]
        text = str(value)
        if text in known or (text.startswith("id.plut.") and re.search(r"\.v\d+$", text)):
            return text
        found = [each for each in known if f".{text}." in f".{each.removeprefix('id.plut.')}."]
        if len(found) != 1:
            names = "\n  ".join(found or known)
            self.fail(words(f"{text!r} bukan salah satu dari:\n  ", f"{text!r} is not one of:\n  ") + names, param, ctx)
        return found[0]


class EventId(click.ParamType[str]):
    """An id as the lists show it."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """In its usual form."""
        try:
            return str(UUID(str(value)))
        except ValueError:
            self.fail(words(f"{value!r} bukan id", f"{value!r} is no id"), param, ctx)


MOMENT, EVENT_TYPE, EVENT_ID = Moment(), EventType(), EventId()

_OPTIONS = {
    "service": click.option("--service", type=click.Choice(SERVICES), help="Only of this service."),
    "subscription": click.option("--subscription", help="Only of this subscription: `./plut events subscriptions`."),
    "type": click.option("--type", "type_", type=EVENT_TYPE, help="Only of this type, such as enterprise-registered."),
    "unit": click.option("--unit", help="Only of this unit and those below it, such as 21 or 21.71."),
    "subject": click.option("--subject", help="Only about this aggregate."),
    "event": click.option("--event", type=EVENT_ID, help="Only this event, by its own id, as it stands in logs."),
    "since": click.option("--since", type=MOMENT, help="From when: 30m, 2h, 7d ago, or 2026-11-21T08:30:00+07:00."),
    "until": click.option("--until", type=MOMENT, help="Until when, written as --since."),
}


@dataclass(frozen=True, slots=True)
class Selection:
    """What was given: services to ask, and conditions as the API calls them."""

    services: tuple[str, ...]
    conditions: dict[str, str]


def selecting(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Adds these options to a command, and hands what was given over as `selection`."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def with_selection(*args: Any, **kwargs: Any) -> None:
            given = {name: kwargs.pop("type_" if name == "type" else name) for name in names}
            service = given.pop("service", None) or _service_of(given.get("subscription"))
            conditions = {name: value for name, value in given.items() if value}
            command(*args, selection=Selection((service,) if service else SERVICES, conditions), **kwargs)

        decorated: Callable[..., None] = with_selection
        for name in reversed(names):
            decorated = _OPTIONS[name](decorated)
        return decorated

    return decorate


def _service_of(subscription: str | None) -> str | None:
    """Who hears a subscription; nobody's is asked of all."""
    name = (subscription or "").partition(".")[0]
    return name if name in SERVICES else None
