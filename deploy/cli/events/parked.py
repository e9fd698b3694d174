"""`./plut events parked`."""

from __future__ import annotations

import json

import click

from deploy.cli.events.asking import PATH, Services, clock, first_line, listed, tell_more
from deploy.cli.events.selecting import Selection, selecting
from deploy.cli.language import words
from deploy.cli.remote import remote
from deploy.cli.table import show_table
from deploy.client import PlatformClient


@click.command()
@selecting("service", "type", "unit", "subject", "since", "until")
@click.option("--dropped", is_flag=True, help="Show those that were given up instead.")
@click.option("--limit", type=click.IntRange(min=0), default=200, show_default=True, help="How many; 0 shows all.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@remote
def parked(
    selection: Selection,
    dropped: bool,  # noqa: FBT001 (click hands options over by name)
    limit: int,
    as_json: bool,  # noqa: FBT001
    client: PlatformClient,
) -> None:
    """List events that the broker refused, newest first, and how many wait behind each.

    Publish them after all with `retry`, or give them up with `drop --reason`, by id or by `--state parked`.
    """
    services = Services(selection.services)
    state = "dropped" if dropped else "parked"
    found, more = listed(client, services, f"{PATH}/parked", limit, "parked_at", **selection.conditions, state=state)
    if as_json:
        click.echo(json.dumps(found, indent=2))
    elif found:
        show_table(
            (
                "id",
                words("layanan", "service"),
                words("jenis", "type"),
                words("subjek", "subject"),
                words("menunggu", "waiting"),
                words("terparkir sejak", "parked since"),
                words("alasan", "reason"),
            ),
            [
                (
                    item["id"],
                    item["service"],
                    item["type"],
                    item["subject"],
                    item["waiting"],
                    clock(item["parked_at"]),
                    # the last line of a dropped one says who gave it up, and why
                    first_line(str(item["error"]).splitlines()[-1] if dropped else item["error"]),
                )
                for item in found
            ],
        )
        if not dropped:
            click.echo(
                words(
                    "Terbitkan setelah penyebabnya diperbaiki: ./plut events retry ID · lepaskan: "
                    "./plut events drop ID --reason …",
                    "Publish it once the cause is mended: ./plut events retry ID · give it up: "
                    "./plut events drop ID --reason …",
                ),
                err=True,
            )
    elif not services.away:
        none = ("Tidak ada kejadian yang dilepas.", "No events were given up.")
        click.echo(words(*(none if dropped else ("Tidak ada kejadian terparkir.", "No parked events."))))
    tell_more(limit, more=more)
    services.end()
