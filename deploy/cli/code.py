"""`./plut code`: what an authenticator would show for one of the demo's accounts."""

from __future__ import annotations

import click
import pyotp

from deploy.cli.addresses import demo_accounts
from deploy.cli.language import words
from deploy.cli.state import layout


@click.command()
@click.argument("account")
def code(account: str) -> None:
    """Print the code that ACCOUNT signs in with now. It counts once, and changes every 30 seconds."""
    secrets = {each["email"]: each["second_factor"] for each in demo_accounts(layout()) if "second_factor" in each}
    if account not in secrets:
        known = ", ".join(secrets) or words("tidak ada", "none")
        text = words("akun demo dengan faktor kedua", "demo accounts with a second factor")
        raise click.ClickException(f"{account}: {words('tidak dikenal', 'unknown')}; {text}: {known}")
    click.echo(pyotp.TOTP(secrets[account]).now())
