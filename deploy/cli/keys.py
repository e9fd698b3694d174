"""`./plut keys`: replace keys while everything runs."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import click

from chassis import access_keys
from chassis.access import LEEWAY, LIFETIME
from chassis.key_files import LOOK
from deploy import data_keys
from deploy.cli.local import running_stack
from deploy.cli.progress import JobProgress
from deploy.cli.remote import REFUSED, remote
from deploy.client import PlatformClient
from deploy.local.secrets import key_files
from deploy.processes import ACCESS_JWKS, ACCESS_KEY, DATA_KEY

_ENDED = frozenset({"succeeded", "failed", "stopped"})
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def keys() -> None:
    """Keys of the platform, replaced while everything runs."""


@keys.command()
@click.argument("step", type=click.Choice(["rotate", "publish", "switch", "retire"]))
@click.option("--key", type=_FILE, help="The gateway's private key, PLUT_ACCESS_KEY_FILE.")
@click.option("--jwks", type=_FILE, help="The services' public keys, PLUT_ACCESS_JWKS_FILE.")
def access(step: str, key: Path | None, jwks: Path | None) -> None:
    """The key that the gateway signs access contexts with, of the running local stack or of the files that are named.

    `publish` gives the next one to the services, `switch` has the gateway sign with it, `retire` takes the old one away, a
    minute later. `rotate` does all three, and waits.
    """
    if key is None or jwks is None:
        files = key_files(running_stack().layout)
        key, jwks = files[ACCESS_KEY], files[ACCESS_JWKS]
    try:
        if step in ("rotate", "publish"):
            click.echo(f"published {access_keys.publish(key, jwks)}")
        if step in ("rotate", "switch"):
            click.echo(f"signing with {access_keys.switch(key)}")
        if step == "rotate":
            click.echo(f"waiting {LIFETIME + LEEWAY} seconds for what the old one has signed")
            time.sleep(LIFETIME + LEEWAY + 1)
        if step in ("rotate", "retire"):
            click.echo(f"retired {access_keys.retire(key, jwks)}")
    except access_keys.RotationError as error:
        raise click.ClickException(str(error)) from None


@keys.command()
@click.argument("what", type=click.Choice(["master", "units", "index"]))
@click.option("--unit", help="Only this unit's, such as 21.71.  [default: all]")
@click.option("--file", type=_FILE, help="PLUT_DATA_KEY_FILE, where the platform isn't the local one.")
@remote
def data(what: str, unit: str | None, file: Path | None, client: PlatformClient) -> None:
    """The keys of identity numbers, while everything runs; waits until the new ones are used everywhere.

    `units`: each unit gets a new data key, its numbers are sealed anew, and the old key is destroyed. `master`: data keys are
    wrapped with a new master key. `index`: numbers are hashed anew for searching.
    """
    if what == "index" and unit:
        raise click.UsageError("the index key is everybody's: leave --unit out")
    file = file or key_files(running_stack().layout)[DATA_KEY]
    if what != "units":
        data_keys.add(file, what)
        # every process reads it again by then; those of other machines, when the file has reached them
        time.sleep(2 * LOOK)
    job = {"what": "data" if what == "units" else what} | ({"unit": unit} if unit else {})
    _await_jobs(client, client.post("/registry/keys/rotation", job)["items"])
    if what != "units":
        click.echo(f"dropped {data_keys.drop_old(file, what)} old key(s)")


def _await_jobs(client: PlatformClient, jobs: list[dict[str, Any]]) -> None:
    """Wait for all; the old keys stay where one failed."""
    for job in jobs:
        with JobProgress() as progress:
            ended = client.watch(f"/registry/jobs/{job['id']}", _ENDED, progress)
        click.echo(
            f"{ended['unit'] or 'all units'}: {ended['state']} {ended.get('result') or ended.get('error') or ''}"
        )
        if ended["state"] != "succeeded":
            sys.exit(REFUSED)
