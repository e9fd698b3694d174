"""`./plut test`: the same broker and database for the whole run, on ports of their own, gone afterwards."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import click

from deploy.cli import pytests
from deploy.cli.language import words
from deploy.cli.rabbitmq import BROKER_ROOT, broker_root, rabbitmq_option
from deploy.local.stack import StackError
from deploy.local.temporary import temporary_stack
from deploy.processes import ROOT

KINDS = ("unit", "contract", "architecture", "service", "system", "chaos")
#: Test processes: tests wait a good deal (for a retry, for a broker that comes back), so one more than two cores are busy
#: with; more than that would wait for the same broker and database.
_PROCESSES = min(3, (os.cpu_count() or 1) + 1)
#: Who runs what is said by `Sharing` in tests/conftest.py, which keeps the order of collection.
_SHARED = ["-n", str(_PROCESSES), "--dist", "loadscope", "--no-loadscope-reorder"]
WITHOUT_STACK = {"unit", "contract", "architecture"}
#: Starts its own, which it then breaks.
OWN_STACK = {"chaos"}


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("what", nargs=-1, type=click.UNPROCESSED)
@rabbitmq_option()
def test(what: tuple[str, ...], rabbitmq: str | None) -> None:
    """Run the tests.

    WHAT is a kind (unit, contract, architecture, service, system, chaos), then anything that pytest takes.
    """
    kinds = [word for word in what if word in KINDS]
    rest = [word for word in what if word not in KINDS]
    if any(Path(word.partition("::")[0]).exists() for word in rest if not word.startswith("-")):
        folders = []  # files were named: pytest finds them by itself
    else:
        folders = [folder for kind in kinds or KINDS if (folder := ROOT / "tests" / kind).is_dir()]
    # files are named to look at something closely; whole kinds are shared among the cores
    several = _SHARED if folders and not _looks_closely(rest) else []
    command = pytests.command(*several, *map(str, folders), *rest)
    chosen = set(kinds or KINDS) if folders else set(KINDS)
    if chosen <= WITHOUT_STACK:
        sys.exit(_pytest(command, {}))
    root = broker_root(rabbitmq)
    environment = {BROKER_ROOT: str(root)} if root else {}
    if chosen <= WITHOUT_STACK | OWN_STACK:
        sys.exit(_pytest(command, environment))
    began = time.monotonic()
    try:
        with temporary_stack(broker_root=root) as stack:
            click.echo(
                words("· Broker dan database untuk pengujian siap", "· Broker and database of the tests are ready")
                + f" ({time.monotonic() - began:.1f} s)"
            )
            code = _pytest(command, environment | {"PLUT_TEST_STACK": str(stack.layout.state)})
    except StackError as error:
        raise click.ClickException(str(error)) from None
    sys.exit(code)


def _looks_closely(words: list[str]) -> bool:
    return any(word.startswith(("-n", "--numprocesses", "--pdb", "-s", "--capture")) for word in words)


def _pytest(command: list[str], environment: dict[str, str]) -> int:
    return pytests.wait(pytests.start(command, environment))
