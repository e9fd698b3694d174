"""`./plut sbom`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from deploy.bill_of_materials import bill_of_materials


@click.command()
@click.option("--file", type=click.Path(dir_okay=False, path_type=Path), help="Where to write it.  [default: shown]")
def sbom(file: Path | None) -> None:
    """Write the software bill of materials, CycloneDX in JSON; the same as docs/reference/sbom.json."""
    text = json.dumps(bill_of_materials(), indent=2, ensure_ascii=False) + "\n"
    if file is None:
        click.echo(text, nl=False)
    else:
        file.write_text(text, encoding="utf-8")
