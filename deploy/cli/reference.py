"""`./plut reference`: data that others keep and we load."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from deploy.cli.language import words
from deploy.cli.progress import JobProgress
from deploy.cli.remote import REFUSED, remote
from deploy.client import PlatformClient

ENDED = frozenset({"succeeded", "failed", "stopped"})


@click.group()
def reference() -> None:
    """Load reference data."""


@reference.command()
@click.argument("kind", type=click.Choice(("kbli", "regions")))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--version", type=int, help="KBLI of which year, such as 2025.")
@remote
def load(kind: str, file: Path, version: int | None, client: PlatformClient) -> None:
    """Load FILE: `code,title` for kbli, `code,name` for regions (codes such as 21.71.03)."""
    form = {"kind": kind} | ({"version": str(version)} if version is not None else {})
    begun = client.upload("/registry/reference", file, **form)
    with JobProgress() as progress:
        ended = client.watch(f"/registry/jobs/{begun['id']}", ENDED, progress)
    if ended["state"] != "succeeded":
        error = ended.get("error") or {}
        click.echo(f"{ended['state']}: {words(error.get('message_id') or '', error.get('message_en') or '')}", err=True)
        sys.exit(REFUSED)
    counts = ", ".join(f"{name} {value}" for name, value in (ended.get("result") or {}).items())
    click.echo(words("Dimuat", "Loaded") + (f": {counts}" if counts else "."))
