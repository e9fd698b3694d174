"""Several services asked for the same: what they have, put together, and who didn't answer."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import click

from deploy.cli.language import words
from deploy.cli.remote import REFUSED
from deploy.cli.table import show_table
from deploy.client import PlatformClient, ProblemError

PATH = "/operations/events"
#: Rows of one page of the API, at most.
PAGE = 200
_AWAY, _NOT_FOUND = frozenset({503, 504}), 404

Found = dict[str, Any]


class Services:
    """Asks services one after another. One that is away doesn't hide what the others say: it is told at the end."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)
        self.away: dict[str, str] = {}

    def each(self, ask: Callable[[str], Any]) -> Iterator[tuple[str, Any]]:
        """What each service answers."""
        for name in self._names:
            try:
                answer = ask(name)
            except ProblemError as error:
                if error.status not in _AWAY:
                    raise
                self.away[name] = str(error)
            else:
                yield name, answer

    def have(self, client: PlatformClient, path: str) -> Iterator[tuple[str, Found]]:
        """Each service that has what is asked for, and what it has."""

        def get(name: str) -> Found | None:
            try:
                found: Found = client.get(path, service=name)
            except ProblemError as error:
                if error.status != _NOT_FOUND:
                    raise
                return None
            return found

        return ((name, found) for name, found in self.each(get) if found)

    def end(self) -> None:
        """Say who was away, and end with status 1 when somebody was."""
        for name, problem in self.away.items():
            text = words("belum diketahui", "nothing is known of it")
            click.echo(f"{name}: {text}: {problem} (./plut status, ./plut logs {name})", err=True)
        if self.away:
            sys.exit(REFUSED)


def pages(client: PlatformClient, path: str, limit: int, **query: Any) -> tuple[list[Found], bool]:
    """Items of a listing, through as many pages as `limit` needs (0: all), and whether there are more."""
    items: list[Found] = []
    cursor: Any = None
    while True:
        wanted = min(PAGE, limit - len(items)) if limit else PAGE
        page = client.get(path, **query, cursor=cursor, limit=wanted)
        items += page["items"]
        cursor = page["next"]
        if cursor is None or (limit and len(items) >= limit):
            return items, cursor is not None


def listed(
    client: PlatformClient, services: Services, path: str, limit: int, by: str, **query: Any
) -> tuple[list[Found], int]:
    """The newest items of several services by the moment `by`, and the `limit` (0: all) where it has cut them."""
    found: list[Found] = []
    more = False
    for name, (items, has_more) in services.each(lambda name: pages(client, path, limit, service=name, **query)):
        found += [{"service": name, **item} for item in items]
        more = more or has_more
    found.sort(key=lambda item: str(item[by]), reverse=True)
    return (found[:limit], limit if more or len(found) > limit else 0) if limit else (found, 0)


def show_listing(
    services: Services,
    found: Sequence[Found],
    columns: Mapping[str, Callable[[Found], object]],
    *,
    empty: str,
    as_json: bool,
    hint: str = "",
    cut: int = 0,
) -> None:
    """A listing as JSON or as a table, with a hint what to do next; then that it was `cut`, and who didn't answer."""
    if as_json:
        click.echo(json.dumps(found, indent=2))
    elif found:
        show_table(tuple(columns), [tuple(cell(each) for cell in columns.values()) for each in found])
        if hint:
            click.echo(hint, err=True)
    elif not services.away:
        click.echo(empty)
    if cut:
        text = words(f"Hanya {cut} terbaru; semuanya: --limit 0", f"Only the newest {cut}; all of them: --limit 0")
        click.echo(text, err=True)
    services.end()


def counted(events: int) -> str:
    """A number of events in words."""
    return words(f"{events} kejadian", "1 event" if events == 1 else f"{events} events")


def first_line(text: Any, most: int = 100) -> str:
    """The first line of an error, cut."""
    line = (str(text or "").strip().splitlines() or [""])[0]
    return line if len(line) <= most else f"{line[: most - 1]}…"


def clock(moment: Any) -> str:
    """A moment of the API to the second, as it came."""
    text = str(moment or "")
    return f"{text[:19]}Z" if text.endswith(("+00:00", "Z")) else text
