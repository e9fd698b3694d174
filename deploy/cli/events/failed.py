"""`./plut events failed`."""

from __future__ import annotations

import click

from deploy.cli.events.asking import PATH, Services, clock, first_line, listed, show_listing
from deploy.cli.events.selecting import Selection, selecting
from deploy.cli.language import words
from deploy.cli.remote import remote
from deploy.client import PlatformClient

#: As the API knows them; its schemas take a second to load.
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
    found, cut = listed(client, services, f"{PATH}/failed", limit, "failed_at", **selection.conditions, state=state)
    show_listing(
        services,
        found,
        {
            "id": lambda each: each["id"],
            words("langganan", "subscription"): lambda each: each["subscription"],
            words("keadaan", "state"): lambda each: each["state"],
            words("percobaan", "attempts"): lambda each: each["attempts"],
            words("gagal pada", "failed at"): lambda each: clock(each["failed_at"]),
            words("dicoba lagi", "tried again"): lambda each: clock(each["next_attempt_at"]) or "—",
            words("galat", "error"): lambda each: first_line(each["error"]),
        },
        hint=words(
            "Lihat satu: ./plut events show ID · coba lagi: ./plut events retry ID",
            "Look at one: ./plut events show ID · try it again: ./plut events retry ID",
        ),
        empty=words("Tidak ada kejadian gagal.", "No failed events."),
        as_json=as_json,
        cut=cut,
    )
