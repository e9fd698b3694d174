"""`./plut chaos`: the promises about events, tried for as long as asked, and a table of what came of each."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from deploy.cli import pytests
from deploy.cli.language import words
from deploy.cli.rabbitmq import BROKER_ROOT, broker_root, rabbitmq_option
from deploy.cli.state import layout
from deploy.cli.table import show_table
from deploy.processes import ROOT

FOLDER = ROOT / "tests" / "chaos"
_HEADERS = (
    ("janji", "beban", "gangguan", "tercatat", "hilang", "ganda", "tertukar", "sunyi terlama", "terlama", "hasil"),
    ("promise", "load", "faults", "committed", "lost", "repeated", "swapped", "longest silence", "slowest", "verdict"),
)
#: What pytest ends with after Ctrl-C.
_INTERRUPTED = 2


@click.command()
@click.option("--seconds", type=click.IntRange(60), default=600, show_default=True, help="For all promises together.")
@click.option("--only", help="Only these promises, such as R1,R4.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@rabbitmq_option()
def chaos(seconds: int, only: str | None, as_json: bool, rabbitmq: str | None) -> None:  # noqa: FBT001
    """Break a platform of its own again and again, and count what became of every event.

    Processes are killed, paused and told to go while officers register businesses through the API. Starting takes half
    a minute more, and so may waiting until all is well again. Exit status 1 when a promise was broken.
    """
    files = _files(only)
    root = broker_root(rabbitmq)
    with tempfile.TemporaryDirectory(prefix="plut-chaos-") as folder:
        report, log = Path(folder) / "report", Path(folder) / "log"
        report.touch()
        environment = {"PLUT_CHAOS_SECONDS": str(seconds), "PLUT_CHAOS_REPORT": str(report)}
        logs = layout().state / "chaos"
        shutil.rmtree(logs, ignore_errors=True)
        environment["PLUT_CHAOS_LOGS"] = str(logs)
        environment |= {BROKER_ROOT: str(root)} if root else {}
        outcomes = []
        with log.open("w") as stream:
            command = pytests.command(
                "-q", "-p", "no:cacheprovider", "--tb=short", "--show-capture=no", *map(str, files)
            )
            running = pytests.start(command, environment, stream)
            for line in _follow(report, running):
                if "outcome" in line:
                    outcomes.append(line["outcome"])
                else:
                    click.echo(f"{line['promise']}  {line['says']}", err=True)
        code = running.returncode
        # a broken promise tells why below its table; this is for what kept one from being tried at all
        if code not in {0, _INTERRUPTED} and len(outcomes) < len(files):
            click.echo(log.read_text(errors="replace")[-6000:], err=True)
        _tell(outcomes, as_json=as_json)
    if code == _INTERRUPTED:
        sys.exit(130)
    sys.exit(1 if code or len(outcomes) < len(files) else 0)


def _files(only: str | None) -> list[Path]:
    known = {file.name.split("_")[1].upper(): file for file in sorted(FOLDER.glob("test_r*.py"))}
    if only is None:
        return list(known.values())
    wanted = [name.strip().upper() for name in only.split(",")]
    if missing := [name for name in wanted if name not in known]:
        raise click.ClickException(
            f"{', '.join(missing)}: {words('tidak ada; yang ada', 'unknown; there are')} {', '.join(known)}"
        )
    return [known[name] for name in wanted]


def _follow(report: Path, running: subprocess.Popen[bytes]) -> Iterator[dict[str, Any]]:
    """The lines of the report as they come, until its writer has ended; Ctrl-C ends the writer, politely."""
    with report.open() as stream:
        ended = False
        while True:
            try:
                while line := stream.readline():
                    yield json.loads(line)
                if ended:
                    return
                ended = running.poll() is not None
                time.sleep(0 if ended else 0.2)
            except KeyboardInterrupt:
                click.echo(words("Menghentikan …", "Stopping …"), err=True)


def _tell(outcomes: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"promises": outcomes}, indent=2))
        return
    show_table(
        _HEADERS[0] if words("id", "en") == "id" else _HEADERS[1],
        [
            (
                each["promise"],
                f"{each['load']} ({each['rate']:.0f}/s)",
                each["faults"],
                each["committed"],
                each["lost"],
                each["repeated"],
                each["swapped"],
                f"{each['longest_silence']:.1f} s",
                f"{each['slowest_answer']:.1f} s",
                words("ditepati", "held") if each["passed"] else words("DILANGGAR", "BROKEN"),
            )
            for each in outcomes
        ],
    )
    for each in outcomes:
        if not each["passed"]:
            kept = words("log prosesnya", "logs of its processes")
            click.echo(f"\n{each['promise']}: {each['why']}\n{kept}: {layout().state / 'chaos' / each['promise']}")
