"""`./plut events tail`: events as they are published."""

from __future__ import annotations

import contextlib
import json
import time
from typing import Any, NoReturn

import click

from deploy.cli.events.asking import PAGE, PATH, Services, clock
from deploy.cli.events.selecting import Selection, selecting
from deploy.cli.language import words
from deploy.cli.remote import remote
from deploy.client import PlatformClient, UnreachableError

#: Seconds between looks at services that had nothing new.
PAUSE = 0.5
#: Values of data that a line shows, at most, and characters of each.
_VALUES, _LONG = 6, 40


@click.command()
@selecting("service", "type", "unit", "subject", "since", "until")
@click.option("-n", "--lines", type=click.IntRange(0, PAGE), default=10, show_default=True, help="Events of the past.")
@click.option("--no-follow", is_flag=True, help="Show those, and end.")
@click.option("--body", is_flag=True, help="Show events whole, with names and addresses of people. On record.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@remote
def tail(  # noqa: PLR0917 (click hands options over by name)
    selection: Selection,
    lines: int,
    no_follow: bool,  # noqa: FBT001
    body: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
    client: PlatformClient,
) -> None:
    """Show the newest published events, and go on with what is published, until Ctrl-C.

    Without --body only what is nobody's personal data. --since and --until are about when the events were published;
    with --since, all from then on are shown, oldest first.
    """
    tailing = _Tail(client, selection, body=body, as_json=as_json)
    shown = tailing.past(lines)
    if no_follow or "until" in selection.conditions:
        if not shown and not as_json and not tailing.services.away:
            click.echo(words("Tidak ada kejadian.", "No events."))
        tailing.services.end()
        return
    if not as_json:
        click.echo(
            words("… menunggu kejadian; berhenti dengan Ctrl-C", "… waiting for events; Ctrl-C ends it"), err=True
        )
    with contextlib.suppress(KeyboardInterrupt):
        _follow(tailing)


def _follow(tailing: _Tail) -> NoReturn:
    """Through restarts of the platform, too."""
    away = False
    while True:
        try:
            more = tailing.go_on()
            away = False
        except UnreachableError as error:
            more = False
            if not away:
                click.echo(f"{words('menunggu platform', 'waiting for the platform')}: {error}", err=True)
            away = True
        if not more:
            time.sleep(PAUSE)


class _Tail:
    """Where a reader stands in each service's published events."""

    def __init__(self, client: PlatformClient, selection: Selection, *, body: bool, as_json: bool) -> None:
        self._client = client
        self._services = selection.services
        self._query: dict[str, Any] = {**selection.conditions, "body": "true" if body else None}
        self._as_json = as_json
        self._cursors: dict[str, str] = {}
        self.services = Services(selection.services)

    def past(self, lines: int) -> int:
        """Show what was published before: all of a window, else the newest `lines`. Returns how many that were."""
        if "since" in self._query:
            return self._whole_window()
        found = []
        for name, page in self.services.each(lambda name: self._ask(name, "newest", None, max(lines, 1))):
            self._cursors[name] = page["follow"]
            found += page["items"]
        newest = sorted(found, key=_order)[-lines:] if lines else []
        self._show(newest)
        return len(newest)

    def go_on(self) -> bool:
        """Show what was published since the last look; whether there may be more at once."""
        more = False
        found: list[dict[str, Any]] = []
        # one that was away is asked again, from where it was left
        self.services = Services(self._services)
        for name, page in self.services.each(lambda name: self._ask(name, "oldest", self._cursors.get(name), PAGE)):
            self._cursors[name] = page["follow"]
            found += page["items"]
            more = more or page["next"] is not None
        self._show(sorted(found, key=_order))
        return more

    def _whole_window(self) -> int:
        shown = 0
        more = True
        while more:
            before = dict(self._cursors)
            more = self.go_on()
            shown += before != self._cursors
        return shown

    def _ask(self, service: str, order: str, cursor: str | None, limit: int) -> dict[str, Any]:
        return self._client.get(
            f"{PATH}/published", service=service, **self._query, order=order, cursor=cursor, limit=limit
        )

    def _show(self, events: list[dict[str, Any]]) -> None:
        for event in events:
            click.echo(json.dumps(event, ensure_ascii=False) if self._as_json else _line(event))


def _order(event: dict[str, Any]) -> tuple[str, str]:
    return str(event["sent_at"]), str(event["id"])


def _line(event: dict[str, Any]) -> str:
    """`08:30:00Z  21.71  registry.enterprise-registered.v1  subject #3  business=… kind=…`, or the whole body."""
    type_ = event["type"].removeprefix("id.plut.")
    sequence = int(event["sequence"] or 0)
    if "body" in event:
        told = event["body"]
    else:
        new = [(name, value) for name, value in event["data"].items() if value not in (None, event["subject"])]
        told = " ".join(f"{name}={_short(value)}" for name, value in new[:_VALUES])
    return f"{clock(event['sent_at'])}  {event['unit'] or '—':5}  {type_}  {event['subject']} #{sequence}  {told}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"
