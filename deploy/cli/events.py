"""`./plut events`: events whose handler raised, in any service."""

from __future__ import annotations

import json
from typing import Any

import click

from deploy.cli.remote import remote
from deploy.cli.table import show_table
from deploy.client import PlatformClient, ProblemError
from deploy.processes import SERVICES

_PATH = "/operations/events/failed"
_STATES = click.Choice(("waiting", "dead", "dropped"))


@click.group()
def events() -> None:
    """Look at failed events, retry or drop them."""


@events.command()
@click.option("--service", type=click.Choice(SERVICES), help="Only of this service.")
@click.option("--subscription", help="Only of this subscription's queue.")
@click.option("--state", type=_STATES)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@remote
def failed(
    service: str | None,
    subscription: str | None,
    state: str | None,
    as_json: bool,  # noqa: FBT001
    client: PlatformClient,
) -> None:
    """List failed events, newest first."""
    found = []
    for name in [service] if service else SERVICES:
        page = client.get(_PATH, service=name, subscription=subscription, state=state, limit=200)
        found += [{"service": name, **item} for item in page["items"]]
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    if not found:
        click.echo("No failed events.")
        return
    show_table(
        ("id", "subscription", "state", "attempts", "failed at", "error"),
        [
            (
                item["id"],
                item["subscription"],
                item["state"],
                item["attempts"],
                item["failed_at"],
                str(item["error"]).strip().splitlines()[0][:80],
            )
            for item in found
        ],
    )


@events.command()
@click.argument("event")
@remote
def show(event: str, client: PlatformClient) -> None:
    """Show one failed event with its body and what was raised."""
    service, found = _find(client, event)
    click.echo(json.dumps({"service": service, **found}, indent=2, ensure_ascii=False))


def _mending(verb: str, text: str) -> click.Command:
    @click.command(name=verb, help=text)
    @click.argument("ids", nargs=-1, metavar="[EVENT]...")
    @click.option("--service", type=click.Choice(SERVICES), help="All of this service that fit the other options.")
    @click.option("--subscription", help="All of this subscription.")
    @click.option("--type", "kind", help="All of this event type.")
    @click.option("--state", type=_STATES, help="All in this state.")
    @remote
    def mend(  # noqa: PLR0917 (click hands options over by name)
        ids: tuple[str, ...],
        service: str | None,
        subscription: str | None,
        kind: str | None,
        state: str | None,
        client: PlatformClient,
    ) -> None:
        conditions = {"subscription": subscription, "type": kind, "state": state}
        given = {name: value for name, value in conditions.items() if value}
        if bool(ids) == bool(given):
            raise click.UsageError("name events, or give conditions (--state dead …)")
        count = 0
        for name, body in _bodies(client, ids, service, given):
            count += client.post(f"{_PATH}/{verb}", {"service": name, **body})["count"]
        click.echo(f"{verb}: {count}")

    return mend


def _bodies(
    client: PlatformClient, ids: tuple[str, ...], service: str | None, given: dict[str, str]
) -> list[tuple[str, dict[str, Any]]]:
    """What to send to which service."""
    if not ids:
        return [(name, dict(given)) for name in ([service] if service else SERVICES)]
    by_service: dict[str, list[str]] = {}
    for event in ids:
        by_service.setdefault(_find(client, event)[0], []).append(event)
    return [(name, {"ids": events}) for name, events in by_service.items()]


def _find(client: PlatformClient, event: str) -> tuple[str, dict[str, Any]]:
    for service in SERVICES:
        try:
            return service, client.get(f"{_PATH}/{event}", service=service)
        except ProblemError as error:
            if error.status != 404:  # noqa: PLR2004 (not found: the next one may have it)
                raise
    raise click.ClickException(f"no service has a failed event {event}")


events.add_command(_mending("retry", "Have failed events tried again at once, dead and dropped ones too."))
events.add_command(_mending("drop", "Drop failed events: they are kept, and tried no more."))
