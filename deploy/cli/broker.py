"""`./plut broker-definitions`: what a RabbitMQ of one's own has to have."""

from __future__ import annotations

import json
from pathlib import Path

import click

from deploy import broker_definitions


@click.command()
@click.argument("passwords", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--vhost", default="/", show_default=True, help="The virtual host of the platform.")
def definitions(passwords: Path, vhost: str) -> None:
    """Print exchanges, users and their rights, for `rabbitmqctl import_definitions`.

    PASSWORDS is a JSON file with a password for each user, such as {"plut": "…", "plut-registry": "…"}; without one the
    answer names those that are missing. The passwords are printed as hashes.
    """
    try:
        given = json.loads(passwords.read_text())
    except ValueError as error:
        raise click.ClickException(f"{passwords} is no JSON: {error}") from None
    missing = [name for name in (broker_definitions.ADMIN, *broker_definitions.USERS) if not _is_password(given, name)]
    if missing:
        raise click.ClickException(f"{passwords} needs a password for {', '.join(missing)}")
    click.echo(json.dumps(broker_definitions.definitions(given, vhost=vhost), indent=1))


def _is_password(given: object, name: str) -> bool:
    return isinstance(given, dict) and isinstance(given.get(name), str) and given[name] != ""
