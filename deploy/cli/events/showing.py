"""`./plut events show`."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import click

from deploy.cli.events.asking import PATH, Services
from deploy.cli.events.selecting import EVENT_ID
from deploy.cli.language import words
from deploy.cli.remote import remote
from deploy.client import PlatformClient
from deploy.processes import SERVICES


@click.command()
@click.argument("event", type=EVENT_ID)
@remote
def show(event: str, client: PlatformClient) -> None:
    """Show one failed or parked event: why, and the event as it came. That you looked is on record.

    EVENT is an id of the lists of `failed` and `parked`.
    """
    found = _find(client, event)
    # what one looks for first stands last, where the terminal is
    body, error = found.pop("body"), str(found.pop("error")).splitlines()
    with contextlib.suppress(ValueError):  # what could not be read is shown as it came
        body = json.loads(body)
    click.echo(json.dumps({**found, "body": body, "error": error}, indent=2, ensure_ascii=False))


def _find(client: PlatformClient, event: str) -> dict[str, Any]:
    services = Services(SERVICES)
    for kind in ("failed", "parked"):
        for service, found in services.have(client, f"{PATH}/{kind}/{event}"):
            return {"service": service, "kind": kind, **found}
    services.end()
    raise click.ClickException(
        words(
            f"tidak ada layanan yang punya kejadian gagal atau terparkir {event}. Mungkin sudah dicoba lagi dengan hasil"
            f" baik. Id dari log dicari dengan: ./plut events failed --event {event}",
            f"no service has a failed or parked event {event}. It may have been tried again with success. An id from a"
            f" log is looked for with: ./plut events failed --event {event}",
        )
    )
