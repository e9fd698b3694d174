"""`./plut events parked`."""

from __future__ import annotations

import click

from deploy.cli.events.asking import PATH, Services, clock, first_line, listed, show_listing
from deploy.cli.events.selecting import Selection, selecting
from deploy.cli.language import words
from deploy.cli.remote import remote
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
    found, cut = listed(client, services, f"{PATH}/parked", limit, "parked_at", **selection.conditions, state=state)
    given_up = words("Tidak ada kejadian yang dilepas.", "No events were given up.")
    what_next = words(
        "Terbitkan setelah penyebabnya diperbaiki: ./plut events retry ID · lepaskan: ./plut events drop ID --reason …",
        "Publish it once the cause is mended: ./plut events retry ID · give it up: ./plut events drop ID --reason …",
    )
    show_listing(
        services,
        found,
        {
            "id": lambda each: each["id"],
            words("layanan", "service"): lambda each: each["service"],
            words("jenis", "type"): lambda each: each["type"],
            words("subjek", "subject"): lambda each: each["subject"],
            words("menunggu", "waiting"): lambda each: each["waiting"],
            words("terparkir sejak", "parked since"): lambda each: clock(each["parked_at"]),
            # the last line of a dropped one says who gave it up, and why
            words("alasan", "reason"): lambda each: first_line(each["error"].splitlines()[-1 if dropped else 0]),
        },
        hint="" if dropped else what_next,
        empty=given_up if dropped else words("Tidak ada kejadian terparkir.", "No parked events."),
        as_json=as_json,
        cut=cut,
    )
