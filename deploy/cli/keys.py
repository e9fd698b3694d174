"""`./plut keys`: replace keys while everything runs."""

from __future__ import annotations

import time
from pathlib import Path

import click

from chassis import access_keys
from chassis.access import LEEWAY, LIFETIME
from deploy.cli.local import running_stack
from deploy.local.secrets import key_files
from deploy.processes import ACCESS_JWKS, ACCESS_KEY

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
