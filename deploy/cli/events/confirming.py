"""A question before what can't be taken back by typing it again."""

from __future__ import annotations

import sys

import click

from deploy.cli.language import words
from deploy.cli.remote import REFUSED

#: From so many events on it is asked.
LARGE = 10


def confirm(question: str, *, yes: bool) -> None:
    """Ask, unless `yes`; ends the command with status 1 where the answer is no, or nobody is there to answer."""
    if yes:
        return
    if not sys.stdin.isatty():
        click.echo(f"{question} {words('Tambahkan --yes.', 'Add --yes.')}", err=True)
        sys.exit(REFUSED)
    if not click.confirm(question, err=True):
        click.echo(words("Tidak ada yang diubah.", "Nothing was changed."), err=True)
        sys.exit(REFUSED)
