"""`./plut import`: lists of businesses, as offices keep them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from deploy.cli.language import words
from deploy.cli.progress import JobProgress
from deploy.cli.remote import REFUSED, remote
from deploy.cli.table import show_table
from deploy.client import PlatformClient

OUTCOMES = ("new", "same", "review", "broken")
WORKED = frozenset({"completed", "preview", "undone"})
SHOWN = 20
ENDED = WORKED | {"stopped", "failed"}


@click.group()
def imports() -> None:
    """Take in lists of businesses."""


@imports.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--unit", required=True, help="Region code of the office whose list it is, such as 21.71.")
@click.option("--commit", is_flag=True, help="Take the rows in; without it, only show what would happen.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome for programs.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write a CSV with a line per row.")
@click.option("--mapping", type=click.Path(exists=True, path_type=Path), help="JSON file: field by column, by sheet.")
@remote
def enterprises(  # noqa: PLR0917 (click hands options over by name)
    file: Path,
    unit: str,
    commit: bool,  # noqa: FBT001 (click hands options over by name)
    as_json: bool,  # noqa: FBT001
    report: Path | None,
    mapping: Path | None,
    client: PlatformClient,
) -> None:
    """Take in the workbook or CSV FILE. The same file again goes on where an unfinished import of it stands."""
    form = {"unit": unit, "commit": "true" if commit else "false"}
    if mapping is not None:
        form["mapping"] = mapping.read_text(encoding="utf-8")
    begun = client.upload("/registry/imports", file, **form)
    if commit and begun["state"] == "preview":
        begun = client.post(f"/registry/imports/{begun['id']}/commit")
    ended = _follow(client, begun["id"], quiet=as_json)
    if report is not None and ended["state"] in WORKED:
        _save_report(client, begun["id"], report)
    _tell(ended, as_json=as_json)


@imports.command()
@click.argument("job")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome for programs.")
@remote
def undo(job: str, as_json: bool, client: PlatformClient) -> None:  # noqa: FBT001
    """Take a whole import back. Rows on which something has been built since stay, and are listed."""
    client.post(f"/registry/imports/{job}/undo")
    _tell(_follow(client, job, quiet=as_json), as_json=as_json)


@imports.command()
@click.argument("job")
@remote
def stop(job: str, client: PlatformClient) -> None:
    """Stop an import after the rows that are being written. `resume` goes on."""
    client.post(f"/registry/imports/{job}/stop")
    click.echo(words("Permintaan berhenti diterima.", "It will stop."))


@imports.command()
@click.argument("job")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome for programs.")
@remote
def resume(job: str, as_json: bool, client: PlatformClient) -> None:  # noqa: FBT001
    """Go on with an import that was stopped or failed."""
    client.post(f"/registry/imports/{job}/resume")
    _tell(_follow(client, job, quiet=as_json), as_json=as_json)


@imports.command()
@click.argument("job")
@click.option("--json", "as_json", is_flag=True, help="Print it for programs.")
@remote
def status(job: str, as_json: bool, client: PlatformClient) -> None:  # noqa: FBT001
    """Show how far an import is."""
    _tell(client.get(f"/registry/imports/{job}"), as_json=as_json, verdict=False)


@imports.command()
@click.argument("job")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@remote
def report(job: str, target: Path, client: PlatformClient) -> None:
    """Write an import's report to TARGET: a line per row with its outcome and the reasons."""
    _save_report(client, job, target)


@imports.command(name="list")
@click.option("--unit", help="Only of this office.")
@remote
def list_(unit: str | None, client: PlatformClient) -> None:
    """Show imports, newest first."""
    names = ("job", "unit", "file", "state", *OUTCOMES)
    show_table(
        [words(_INDONESIAN[name], name) for name in names],
        [
            (item["id"], item["unit"], item["name"], item["state"], *(item["outcomes"][name] for name in OUTCOMES))
            for item in client.get("/registry/imports", unit=unit)["items"]
        ],
    )


_INDONESIAN = {
    "job": "pekerjaan", "unit": "unit", "file": "berkas", "state": "keadaan",
    "new": "baru", "same": "sama", "review": "periksa", "broken": "rusak",
}  # fmt: skip


def _follow(client: PlatformClient, job: str, *, quiet: bool) -> dict[str, Any]:
    try:
        with JobProgress(quiet=quiet) as progress:
            return client.watch(f"/registry/imports/{job}", ENDED, progress)
    except KeyboardInterrupt:
        text = words("Impor tetap berjalan; lihat dengan", "The import goes on; look with")
        click.echo(f"{text}: ./plut import status {job}", err=True)
        sys.exit(130)


def _save_report(client: PlatformClient, job: str, target: Path) -> None:
    with target.open("wb") as stream:
        client.download(f"/registry/imports/{job}/report.csv", stream)


def _tell(found: dict[str, Any], *, as_json: bool, verdict: bool = True) -> None:
    """Print an import's outcome; with `verdict`, end with status 1 unless it worked."""
    if as_json:
        shown = {"job": found["id"], "outcomes": {name: found["outcomes"][name] for name in OUTCOMES}}
        shown |= {name: found[name] for name in ("seconds", "rows_per_second", "state")}
        shown |= {name: found[name] for name in ("kept", "error") if found.get(name)}
        click.echo(json.dumps(shown))
    else:
        _tell_people(found)
    if verdict and found["state"] not in WORKED:
        sys.exit(REFUSED)


def _tell_people(found: dict[str, Any]) -> None:
    counts = found["outcomes"]
    click.echo(f"{found['name']} · {found['state']} · {found['id']}")
    parts = [f"{counts[name]} {words(_INDONESIAN[name], name)}" for name in OUTCOMES]
    speed = found.get("rows_per_second")
    click.echo("  " + " · ".join(parts) + (f" · {speed:.0f} {words('baris/detik', 'rows/s')}" if speed else ""))
    kept = found.get("kept") or []
    if kept:
        click.echo("  " + words(f"{len(kept)} baris tetap ada:", f"{len(kept)} rows stay:"))
    for row in kept[:SHOWN]:
        click.echo(f"    {row['sheet']} {row['row']}: {words(row['id'], row['en'])} ({row['enterprise']})")
    if len(kept) > SHOWN:
        click.echo(
            "    … " + words("semuanya dengan", "all of them with") + f": ./plut import status {found['id']} --json"
        )
    if found.get("error"):
        error = found["error"]
        click.echo(f"  {words(error.get('message_id') or '', error.get('message_en') or '') or error}", err=True)
    if found["state"] == "preview":
        text = words(
            "Belum ada yang disimpan; ulangi dengan --commit", "Nothing is stored yet; type it again with --commit"
        )
        click.echo(f"  {text}")
