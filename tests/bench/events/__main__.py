"""How fast events are published and take effect, beside what a user could pick instead.

    ./plut bench events [--events 20000] [--rounds 3] [--json FILE]
                        [--only effects,latency,backlog,processes] [--contenders setwise,nameko,…]

Everybody gives the same guarantee: durable messages, confirmed; for each event an inbox row and an upsert, committed before
the message is acknowledged; counted afterwards. A private stack with a database that keeps its data safe is made for it and
removed. The contenders take turns, so that a busy machine slows all of them.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import psutil

from deploy.local.temporary import temporary_stack
from tests.bench.events import environment, latency, machine, material, summary, table
from tests.bench.events.ground import BenchError, Ground
from tests.bench.events.line_up import Contender, contenders
from tests.bench.events.trial import Trial
from tests.bench.measured_stack import MeasuredStack

PARTS = ("effects", "latency", "backlog", "processes")
#: Events a second, and for how many seconds, when times from commit to effect are measured.
STEADY = (300.0, 20)
BACKLOG = 100_000
PROCESSES = (1, 2, 4)


def main() -> None:
    """Measure, print a table, write JSON where asked to."""
    parser = argparse.ArgumentParser(prog="plut bench events")
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", nargs="?", const="-", help="where to write the figures; - or nothing for the screen")
    parser.add_argument("--only", default=",".join(PARTS), help="parts of it, with commas between")
    parser.add_argument("--contenders", help="only these, with commas between")
    arguments = parser.parse_args()
    parts = arguments.only.split(",")
    if unknown := set(parts) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    wanted = (arguments.contenders or "").split(",")
    chosen = [each for each in contenders() if each.name in wanted or not arguments.contenders]
    if any(each.is_foreign for each in chosen):
        say("Libraries of the contenders")
        environment.make()
    say("Starting broker and database")
    with temporary_stack(kind=MeasuredStack, durable=True) as stack, grounds(stack, chosen) as trials:
        figures = measure(trials, parts, stack.layout.state, arguments.events, arguments.rounds)
        figures["machine"] = about(trials)
    figures |= summary.of(figures)
    click.echo(table.text(figures))
    if arguments.json:
        text = json.dumps(figures, indent=2)
        click.echo(text) if arguments.json == "-" else Path(arguments.json).write_text(text + "\n")


@contextmanager
def grounds(stack: MeasuredStack, chosen: Iterable[Contender]) -> Iterator[dict[str, Trial]]:
    """Everybody's database and virtual host; their processes are ended with the block."""
    meter = machine.Meter(stack)
    trials: dict[str, Trial] = {}
    try:
        for contender in chosen:
            say(f"Preparing {contender.name}")
            ground = Ground(stack, contender.service)
            trials[contender.name] = Trial(contender, ground, meter)
            ground.make()
            trials[contender.name].prepare()
        yield trials
    finally:
        for trial in trials.values():
            trial.ground.close()


def measure(trials: dict[str, Trial], parts: list[str], folder: Path, number: int, rounds: int) -> dict[str, Any]:
    """All the figures, as they were measured."""
    figures: dict[str, Any] = {"events": number, "rounds": []}
    file, steady = folder / "events.jsonl", folder / "steady.jsonl"
    per_second, seconds = STEADY
    material.write_file(file, number)
    material.write_file(steady, int(per_second * seconds))
    for turn in range(rounds):
        found: dict[str, Any] = {}
        for name, trial in trials.items():
            found[name] = {}
            if "effects" in parts:
                published = trial.publish(file, number)
                taken = trial.take_in(number)
                found[name] = {"publish": published, "effects": taken, "load": machine.load()}
                say(f"{turn + 1}/{rounds} {name}: {published['rate']:,.0f} published/s, {taken['rate']:,.0f} effects/s")
            if "latency" in parts and name in {"setwise", "each", "nameko"}:
                found[name]["latency"] = times = latency.measure(trial, steady, int(per_second * seconds), per_second)
                say(f"{turn + 1}/{rounds} {name}: p50 {times['p50']:.1f} ms, p99 {times['p99']:.1f} ms")
        figures["rounds"].append(found)
    ours = {name: trial for name, trial in trials.items() if trial.contender.is_ours}
    if "backlog" in parts:
        figures["backlog"] = {name: drain(trial, BACKLOG) for name, trial in ours.items()}
    if "processes" in parts:
        figures["processes"] = {name: scale(trial, file, number) for name, trial in ours.items()}
    return figures


def drain(trial: Trial, number: int) -> dict[str, Any]:
    """A backlog: all of it in the outbox first, then all of it in the queue."""
    figures = {"events": number, "publish": trial.publish(Path(), number), "effects": trial.take_in(number)}
    say(f"backlog {trial.contender.name}: {figures['effects']['seconds']:.0f} s")
    return figures


def scale(trial: Trial, file: Path, number: int) -> list[dict[str, Any]]:
    """The same queue emptied by more and more processes."""
    found = []
    for processes in PROCESSES:
        trial.publish(file, number)
        found.append({"processes": processes, **trial.take_in(number, processes)})
        say(f"{processes} of {trial.contender.name}: {found[-1]['rate']:,.0f} effects/s")
    return found


def about(trials: dict[str, Trial]) -> dict[str, Any]:
    """Where and with what it was measured."""
    with next(iter(trials.values())).ground.look() as database:
        postgresql = database.info.parameter_status("server_version")
    return {
        "processors": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": platform.platform(),
        "load": machine.load(),
        "versions": environment.versions() | {"postgresql": postgresql},
    }


def say(what: str) -> None:
    """Progress, apart from the figures."""
    click.echo(f"· {what}", err=True)


if __name__ == "__main__":
    try:
        main()
    except BenchError as error:
        click.echo(f"✗ {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        click.echo("· Stopped; nothing is left", err=True)
        sys.exit(130)
