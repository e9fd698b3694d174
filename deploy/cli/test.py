"""`./plut test`: the same broker and database for the whole run, on ports of their own, gone afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import click

from deploy.cli.language import words
from deploy.cli.local import layout
from deploy.local import install_broker
from deploy.local.stack import StackError
from deploy.local.temporary import temporary_stack
from deploy.processes import ROOT

KINDS = ("unit", "contract", "architecture", "service", "system")
#: Test processes: more than two would wait for the same broker and database.
_PROCESSES = min(2, os.cpu_count() or 1)
#: Who runs what is said by `Sharing` in tests/conftest.py, which keeps the order of collection.
_SHARED = ["-n", str(_PROCESSES), "--dist", "loadscope", "--no-loadscope-reorder"]
WITHOUT_STACK = {"unit", "contract", "architecture"}


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("what", nargs=-1, type=click.UNPROCESSED)
def test(what: tuple[str, ...]) -> None:
    """Run the tests. WHAT is a kind (unit, contract, architecture, service, system), then anything that pytest takes."""
    kinds = [word for word in what if word in KINDS]
    rest = [word for word in what if word not in KINDS]
    if any(Path(word.partition("::")[0]).exists() for word in rest if not word.startswith("-")):
        folders = []  # files were named: pytest finds them by itself
    else:
        folders = [folder for kind in kinds or KINDS if (folder := ROOT / "tests" / kind).is_dir()]
    # files are named to look at something closely; whole kinds are shared among the cores
    several = _SHARED if folders and not _looks_closely(rest) else []
    command = [
        sys.executable,
        "-P",
        "-m",
        "pytest",
        *several,
        f"--rootdir={ROOT}",
        f"--config-file={ROOT / 'pyproject.toml'}",
        *map(str, folders),
        *rest,
    ]
    if folders and WITHOUT_STACK.issuperset(kinds or KINDS):
        sys.exit(_pytest(command, {}))
    began = time.monotonic()
    try:
        layout().make()
        install_broker.ensure(
            layout(), lambda: click.echo(words("· Memasang RabbitMQ dari Debian", "· Installing RabbitMQ from Debian"))
        )
        with temporary_stack() as stack:
            click.echo(
                words("· Broker dan database untuk pengujian siap", "· Broker and database of the tests are ready")
                + f" ({time.monotonic() - began:.1f} s)"
            )
            code = _pytest(command, {"PLUT_TEST_STACK": str(stack.layout.state)})
    except install_broker.BrokerMissingError as error:
        raise click.ClickException(
            f"{words('RabbitMQ belum ada; ketik', 'RabbitMQ is missing; type')}: {error}"
        ) from None
    except StackError as error:
        raise click.ClickException(str(error)) from None
    sys.exit(code)


def _looks_closely(words: list[str]) -> bool:
    return any(word.startswith(("-n", "--numprocesses", "--pdb", "-s", "--capture")) for word in words)


def _pytest(command: list[str], environment: dict[str, str]) -> int:
    """Run pytest, which finds its settings by the folders it is given; it ends with this process."""
    leash = ["setpriv", "--pdeathsig=TERM", "--"]
    # settings of a person's own platform must not reach the tests
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PLUT_")}
    running = subprocess.Popen([*leash, *command], env=inherited | environment)
    while True:
        try:
            return running.wait()
        except KeyboardInterrupt:
            continue  # the terminal sent it to pytest, too, which is about to end with a summary
