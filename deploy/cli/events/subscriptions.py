"""`./plut events subscriptions`."""

from __future__ import annotations

import click

from deploy.cli.events.asking import PATH, Services, show_listing
from deploy.cli.events.selecting import Selection, selecting
from deploy.cli.language import words
from deploy.cli.remote import remote
from deploy.client import PlatformClient


@click.command()
@selecting("service", "type")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@remote
def subscriptions(selection: Selection, as_json: bool, client: PlatformClient) -> None:  # noqa: FBT001
    """List which service hears what."""
    services = Services(selection.services)
    found = [
        {"service": name, **item}
        for name, page in services.each(lambda name: client.get(f"{PATH}/subscriptions", service=name))
        for item in page["items"]
        if selection.conditions.get("type") in (None, item["type"])
    ]
    show_listing(
        services,
        found,
        {
            words("langganan", "subscription"): lambda each: each["name"],
            words("jenis", "type"): lambda each: each["type"],
        },
        empty=words("Tidak ada langganan.", "No subscriptions."),
        as_json=as_json,
    )
