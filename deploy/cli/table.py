"""Tables as plain text: nothing is cut off, so that a password or an id can be copied, also out of a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click


def show_table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print columns side by side, two spaces apart; an empty table prints its headers only."""
    lines = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(headers, *lines, strict=True)]
    if any(headers):
        click.secho(_line(headers, widths), dim=True)
    for line in lines:
        click.echo(_line(line, widths))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
