"""`./plut fuzz`: the whole HTTP API asked with whatever its document allows, and whatever it doesn't, as each role."""

from __future__ import annotations

import sys

import click

from deploy.cli import pytests
from deploy.processes import ROOT

TEST = ROOT / "tests" / "system" / "test_whatever_is_asked.py"


@click.command()
@click.option("--seconds", type=click.IntRange(60), default=900, show_default=True, help="For all roles together.")
@click.option("--as", "role", help="Only as this role, such as operator, or nobody.")
def fuzz(seconds: int, role: str | None) -> None:
    """Ask a platform of its own whatever its OpenAPI document allows, and whatever it doesn't.

    Signed in as each role, and not at all. Exit status 1 when an answer was a failure, or isn't in the document.
    """
    chosen = f"{TEST}::test_it_is_answered_as_the_document_says[{role}]" if role else str(TEST)
    command = pytests.command("-q", "-n0", "-p", "no:cacheprovider", "--tb=short", chosen)
    sys.exit(pytests.wait(pytests.start(command, {"PLUT_FUZZ_SECONDS": str(seconds)})))
