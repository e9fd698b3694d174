"""`./plut events failed`."""

from __future__ import annotations

import json

import click

from deploy.cli.events.asking import PATH, Services, clock, first_line, listed, tell_more
from deploy.cli.events.selecting import Selection, selecting
from deploy.cli.language import words
from deploy.cli.remote import remote
from deploy.cli.table import show_table
from deploy.client import PlatformClient

STATES = ("waiting", "dead", "dropped")


@click.command()
@selecting("service", "subscription", "type", "unit", "event", "since", "until")
@click.option("--state", type=click.Choice(STATES), help="Only in this state.")
@click.option("--limit", type=click.IntRange(min=0), default=200, show_default=True, help="How many; 0 shows all.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@remote
def failed(
    selection: Selection,
    state: str | None,
    limit: int,
    as_json: bool,  # noqa: FBT001 (click hands options over by name)
    client: PlatformClient,
) -> None:
    """List events whose handler raised, newest first. --since and --until are about when they failed."""
    services = Services(selection.services)
    found, more = listed(client, services, f"{PATH}/failed", limit, "failed_at", **selection.conditions, state=state)
    if as_json:
        click.echo(json.dumps(found, indent=2))
    elif found:
        show_table(
            (
                "id",
                words("langganan", "subscription"),
                words("keadaan", "state"),
                words("percobaan", "attempts"),
                words("gagal pada", "failed at"),
                words("dicoba lagi", "tried again"),
                words("galat", "error"),
            ),
            [
                (
                    item["id"],
                    item["subscription"],
                    item["state"],
                    item["attempts"],
                    clock(item["failed_at"]),
                    clock(item["next_attempt_at"]) or "—",
                    first_line(item["error"]),
                )
                for item in found
            ],
        )
        click.echo(
            words(
                "Lihat satu: ./plut events show ID · coba lagi: ./plut events retry ID",
                "Look at one: ./plut events show ID · try it again: ./plut events retry ID",
            ),
            err=True,
        )
    elif not services.away:
        click.echo(words("Tidak ada kejadian gagal.", "No failed events."))
    tell_more(limit, more=more)
    services.end()
