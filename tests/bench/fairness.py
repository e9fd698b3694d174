"""`./plut bench fairness [--rows 75000] [--seconds 60] [--rate 4] [--json FILE]`: one unit's import beside another's work.

Single registrations of another unit go through the HTTP API at a steady rate, first while nothing else happens, then during the
import of a whole city's list by the worker. Told is how long an event takes from its commit until notifications have committed
its effect, by the database's own clock, and how long the caller waited for the answer.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles
from typing import Any, Final

import click
import psycopg

from deploy.local import database
from deploy.local.stack import LocalStack
from deploy.local.temporary import temporary_stack
from tests.bench import lists
from tests.bench.measured_stack import MeasuredStack
from tests.chaos.load import new_name
from tests.stack import eventually, start_platform
from tests.system.people import Person, person

GOAL: Final = 3.0
"""Largest ratio of the p99 during the import to the quiet p99."""
_CITY, _NEIGHBOUR = "21.71", "21.72"
_SUBSCRIPTION = "notifications.enterprise-registered"


def main() -> None:
    """Run it, print a table, write JSON where asked to."""
    parser = argparse.ArgumentParser(prog="plut bench fairness")
    parser.add_argument("--rows", type=int, default=75_000)
    parser.add_argument("--seconds", type=float, default=60, help="of the quiet phase")
    parser.add_argument("--rate", type=float, default=4, help="registrations per second")
    parser.add_argument("--json", help="where to write the figures")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, temporary_stack(kind=MeasuredStack, durable=True) as stack:
        platform = start_platform(stack)
        platform.load_regions(f"{_NEIGHBOUR},Kota Tanjungpinang")
        neighbour, head = person(platform, "head", _NEIGHBOUR), person(platform, "head", _CITY)
        deadline = time.monotonic() + 5
        register(neighbour, arguments.rate, lambda: time.monotonic() < deadline)  # warms up
        deadline = time.monotonic() + arguments.seconds
        phases = {"quiet": measure(stack, neighbour, arguments.rate, lambda: time.monotonic() < deadline)}
        job = import_list(head, lists.make(arguments.rows, Path(folder)))
        phases["import"] = measure(stack, neighbour, arguments.rate, job)
        view = head.get(f"/registry/imports/{job.id}")
    ratio = round(phases["import"]["commit_to_effect"]["p99"] / phases["quiet"]["commit_to_effect"]["p99"], 2)
    figures = {
        "load": os.getloadavg(),
        "rows": view["rows"],
        "seconds": view["seconds"],
        "phases": phases,
        "ratio": ratio,
    }
    for name, found in phases.items():
        click.echo(f"{name:>8}: {found['registrations']} registrations")
        for what in ("commit_to_effect", "answer"):
            times = found[what]
            click.echo(
                f"{what:>18}: p50 {times['p50']:.0f} ms, p99 {times['p99']:.0f} ms, longest {times['longest']:.0f} ms"
            )
    click.echo(f"commit to effect, p99 during the import to quiet: {ratio} (goal ≤ {GOAL:g})")
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(figures, indent=2) + "\n")


class Import:
    """An import under way: true as long as it is."""

    def __init__(self, head: Person, import_id: str) -> None:
        self.id = import_id
        self._head = head
        self._is_running = threading.Event()
        self._is_running.set()
        threading.Thread(target=self._watch, daemon=True).start()

    def __call__(self) -> bool:
        return self._is_running.is_set()

    def _watch(self) -> None:
        while self._head.get(f"/registry/imports/{self.id}")["state"] in ("reading", "committing"):
            time.sleep(1)
        self._is_running.clear()


def import_list(head: Person, file: Path) -> Import:
    """Begin it."""
    with file.open("rb") as opened:
        answer = head.ask(
            "POST", "/registry/imports", files={"file": (file.name, opened)}, data={"unit": _CITY, "commit": "true"}
        )
    assert answer.status_code == 202, answer.text
    return Import(head, answer.json()["id"])


def measure(stack: LocalStack, who: Person, rate: float, goes_on: Callable[[], bool]) -> dict[str, Any]:
    """Register while it goes on; returns p50, p99 and the longest of both times in milliseconds."""
    ids, answers = register(who, rate, goes_on)
    eventually(lambda: len(effects(stack, ids)) == len(ids), 300, 0.5)
    return {"registrations": len(ids), "commit_to_effect": spread(effects(stack, ids)), "answer": spread(answers)}


def register(who: Person, rate: float, goes_on: Callable[[], bool]) -> tuple[list[str], list[float]]:
    """Register at a steady rate; returns the enterprises' ids and milliseconds until each answer."""
    ids, times = [], []
    due = time.monotonic()
    while goes_on():
        time.sleep(max(0.0, due - time.monotonic()))
        due += 1 / rate
        body = {"unit": _NEIGHBOUR, "name": new_name(), "owner": {"name": new_name()}}
        began = time.perf_counter()
        answer = who.ask("POST", "/registry/enterprises", json=body)
        times.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 201, answer.text
        ids.append(answer.json()["id"])
    return ids, times


def effects(stack: LocalStack, enterprises: list[str]) -> list[float]:
    """Milliseconds from commit to effect, of those that have had it."""
    url = database.owner_url(stack.ports, stack.passwords)
    with psycopg.connect(url.replace("{service}", "registry")) as registry:
        committed = dict(
            registry.execute(
                "SELECT event_id, pg_xact_commit_timestamp(enterprise.xmin) FROM plut.outbox"
                " JOIN enterprise ON enterprise.id::text = subject"
                " WHERE subject = ANY(%s) AND type LIKE '%%registered%%'",
                (enterprises,),
            ).fetchall()
        )
    with psycopg.connect(url.replace("{service}", "notifications")) as notifications:
        taken = notifications.execute(
            "SELECT event_id, pg_xact_commit_timestamp(xmin) FROM plut.inbox"
            " WHERE subscription = %s AND event_id = ANY(%s)",
            (_SUBSCRIPTION, list(committed)),
        ).fetchall()
    return [(done - committed[event]).total_seconds() * 1000 for event, done in taken]


def spread(times: list[float]) -> dict[str, float]:
    """p50, p99 and the longest."""
    cuts = quantiles(times, n=100)
    return {"p50": round(cuts[49], 1), "p99": round(cuts[98], 1), "longest": round(max(times), 1)}


if __name__ == "__main__":
    main()
