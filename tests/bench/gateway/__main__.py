"""Requests per second and times, beside two monoliths, and beside the platform without what keeps units apart.

    ./plut bench gateway [--json FILE] [--rounds 3] [--seconds 5] [--only read,search,register] [--replicas 1]
                         [--beside plain,modular]

Reads by id, searches with a typing mistake and registrations, at 1, 16 and 64 clients, through the whole platform and through
the monoliths of `monolith.py`; in turn, on the same database. `--beside bare` takes the platform without row-level security,
signed contexts and a record (`bare.py`): what it has more is what those cost.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Final

import click
import psycopg
import requests

from chassis.database import Database
from chassis.settings import Settings
from deploy.local import database, ports
from deploy.local.stack import LocalStack
from deploy.local.temporary import temporary_stack
from deploy.processes import ROOT, find
from tests.bench import bench_search
from tests.bench.gateway.load import Work, run
from tests.stack import Platform, eventually, start_platform
from tests.system.people import person

UNIT: Final = "21.71"
#: Numbers of clients, and how many times longer each is measured: what is under way at the end isn't counted, and 64
#: clients may have seconds of work under way.
CLIENTS: Final = {1: 1, 16: 1, 64: 3}
KINDS: Final = ("read", "search", "register")
ENTERPRISES: Final = 20_000
#: What the platform is measured beside → the smallest ratio to its requests per second, at 16 clients, that is aimed at.
GOALS: Final = {"plain": 0.8, "modular": 0.8, "bare": 0.75}
MONOLITHS: Final = ("plain", "modular")
#: The largest ratio of the medians of times at one client, to a monolith's.
GOAL_P50: Final = 2.5


def main() -> None:
    """Run it, print a table, write JSON where asked to."""
    parser = argparse.ArgumentParser(prog="plut bench gateway")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5, help="of each measurement")
    parser.add_argument("--only", default=",".join(KINDS), help="kinds of work, with commas between")
    parser.add_argument(
        "--replicas", type=int, default=1, help="processes of the registry; a monolith has two in any case"
    )
    parser.add_argument("--beside", default=",".join(MONOLITHS), help=f"what to compare with: {', '.join(GOALS)}")
    parser.add_argument("--json", help="where to write the figures")
    arguments = parser.parse_args()
    only, beside = arguments.only.split(","), arguments.beside.split(",")
    for option, given, known in (("--only", only, KINDS), ("--beside", beside, GOALS)):
        if unknown := set(given) - set(known):
            parser.error(f"{option}: {', '.join(sorted(unknown))}? There are {', '.join(known)}")
    with temporary_stack(durable=True) as stack:
        platform = start_platform(stack)
        token = prepare(platform)
        works = [work for work in kinds(stack) if work.name in only]
        with ExitStack() as running:
            ways = {"platform": stack.ports.url("gateway")}
            for name in beside:
                served = bare_platform(stack) if name == "bare" else monolith(stack, name)
                ways[name] = running.enter_context(served)
            for _ in range(1, arguments.replicas):
                running.enter_context(replica(stack))
            rows = list(measure(works, ways, token, arguments.rounds, arguments.seconds))
    figures = {"load": os.getloadavg(), "rows": rows}
    click.echo("\n".join([head(rows[0]), *map(line, rows)]))
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(figures, indent=2) + "\n")


def prepare(platform: Platform) -> str:
    """Enterprises to be found, and a head's token."""
    platform.load_regions()
    registry = Database(Settings.from_environment(platform.stack.environment()), "registry", statement_timeout=0)
    bench_search.fill(registry, UNIT, ENTERPRISES, random.Random(1))  # noqa: S311 - invented names
    registry.close()
    with owner(platform.stack) as connection:
        connection.execute("VACUUM ANALYZE")
    return person(platform, "head", UNIT).token


def owner(stack: LocalStack) -> psycopg.Connection[Any]:
    """The registry's database, all of it."""
    url = database.owner_url(stack.ports, stack.passwords).replace("{service}", "registry")
    return psycopg.connect(url, autocommit=True)


def kinds(stack: LocalStack) -> list[Work]:
    """What is asked for."""
    with owner(stack) as connection:
        found = connection.execute(
            "SELECT e.id, e.name, o.name FROM enterprise e JOIN owner o ON o.id = e.owner_id ORDER BY md5(e.id::text) LIMIT 500"
        ).fetchall()
    path, rng = "/api/v1/registry/enterprises", random.Random(2)  # noqa: S311 - typing mistakes
    misspelt = [requests.compat.quote_plus(bench_search.misspelt(rng, name, owner)) for _, name, owner in found]  # type: ignore[attr-defined]
    body = {
        "unit": UNIT,
        "name": "Dapur @",
        "owner": {"name": "Pemilik @"},
        "products": "kue kering",
        "sales": 240_000_000,
    }
    return [
        Work("read", "GET", [f"{path}/{row[0]}" for row in found]),
        Work("search", "GET", [f"{path}?q={words}" for words in misspelt]),
        Work("register", "POST", [path], body),
    ]


@contextmanager
def replica(stack: LocalStack) -> Iterator[None]:
    """One more process of the registry, on the same port."""
    port = ports.reserve()
    environment = stack.environment(find("registry")) | {"PLUT_HEALTH_PORT": str(port)}
    with serving([sys.executable, "-m", "chassis.runtime", "registry"], environment, port):
        yield


@contextmanager
def monolith(stack: LocalStack, name: str) -> Iterator[str]:
    """A monolith, running; its address."""
    port = ports.reserve()
    # of every process: it works as the gateway and as the registry
    environment = stack.environment() | {"PLUT_HTTP_PORT": str(port)}
    gunicorn = str(Path(sys.executable).parent / "gunicorn")
    command = [gunicorn, "-c", "gateway/gunicorn_conf.py", f"tests.bench.gateway.monolith:{name}()"]
    with serving(command, environment, port) as url:
        yield url


@contextmanager
def bare_platform(stack: LocalStack) -> Iterator[str]:
    """A gateway and a registry without row-level security, signing and auditing; the gateway's address."""
    with psycopg.connect(database.admin_url(stack.ports, stack.passwords), autocommit=True) as admin:
        for name in ("gateway", "registry"):
            # all that the service's role may do, and no policy
            admin.execute(f"CREATE ROLE bare_{name} LOGIN BYPASSRLS IN ROLE plut_{name} PASSWORD 'bare'")
    http, rpc, health = (ports.reserve() for _ in range(3))
    url = database.url(stack.ports, "bare_{service}").replace("bare_{service}", "bare_{service}:bare", 1)
    values = {
        "PLUT_DATABASE_URL": url,
        "PLUT_RPC_URLS": f"registry=http://127.0.0.1:{rpc}",
        "PLUT_HTTP_PORT": str(http),
    }
    values |= {"PLUT_RPC_PORT": str(rpc), "PLUT_HEALTH_PORT": str(health)}
    registry = [sys.executable, "-m", "tests.bench.gateway.bare", "chassis.runtime", "registry"]
    gunicorn = str(Path(sys.executable).parent / "gunicorn")
    command = [gunicorn, "-c", "gateway/gunicorn_conf.py", "tests.bench.gateway.bare:gateway()"]
    with (
        serving(registry, stack.environment(find("registry")) | values, health),
        serving(command, stack.environment(find("gateway")) | values, http) as served,
    ):
        yield served


@contextmanager
def serving(command: list[str], environment: dict[str, str], port: int) -> Iterator[str]:
    """A process that serves at a port; its address."""
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile() as log, subprocess.Popen(
        command, cwd=ROOT, env=os.environ | environment, stdout=log, stderr=log
    ) as process:  # fmt: skip
        try:
            try:
                eventually(lambda: answers(url))
            except AssertionError:
                log.seek(0)
                raise SystemExit(f"{command[-1]} doesn't answer:\n{log.read().decode()[-2_000:]}") from None
            yield url
        finally:
            process.terminate()


def answers(url: str) -> bool:
    """Whether something serves there."""
    try:
        return requests.get(f"{url}/healthz", timeout=2).ok
    except requests.RequestException:
        return False


def measure(
    works: list[Work], ways: dict[str, str], token: str, rounds: int, seconds: float
) -> Iterator[dict[str, Any]]:
    """A row per kind of work and number of clients: medians of the rounds, their spread, the ratio."""
    for work in works:
        for clients, longer in CLIENTS.items():
            found: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
            for turn in range(rounds + 1):
                for way, url in ways.items():
                    # the first round warms caches and pools, and doesn't count
                    figures = run(
                        work,
                        url,
                        token,
                        clients=clients,
                        seconds=seconds * longer if turn else 1,
                        seed=random.randrange(10**6),  # noqa: S311
                    )
                    if turn:
                        found[way].append(figures)
            row: dict[str, Any] = {"work": work.name, "clients": clients}
            for way, figures_of in found.items():
                row[way] = {name: median(each[name] for each in figures_of) for name in figures_of[0]}
                row[way]["spread"] = [
                    min(x["per_second"] for x in figures_of),
                    max(x["per_second"] for x in figures_of),
                ]
            for other in list(ways)[1:]:
                row[f"to_{other}"] = {
                    name: round(row["platform"][name] / max(row[other][name], 0.001), 3)
                    for name in ("per_second", "p50_ms")
                }
            click.echo(line(row))
            yield row


def ways_of(row: dict[str, Any]) -> list[str]:
    """The platform, and what it was measured beside."""
    return [way for way in ("platform", *GOALS) if way in row]


def line(row: dict[str, Any]) -> str:
    """One row for people."""
    ways = ways_of(row)
    cells = [f"{row['work']:>9} {row['clients']:>7}"]
    cells += [f"{row[way]['per_second']:>9,.0f}" for way in ways]
    cells += [f"{row[way]['p50_ms']:>9.1f}" for way in ways]
    cells += [f"{row[f'to_{way}'][name]:>8.2f}" for way in ways[1:] for name in ("per_second", "p50_ms")]
    cells += [f"{row[way]['errors']:>9.0f}" for way in ways]
    aims = [f"{way} ≥ {GOALS[way]}" for way in ways[1:]] if row["clients"] > 1 else []
    aims += [f"p50 ≤ {GOAL_P50}"] if row["clients"] == 1 and set(MONOLITHS) & set(ways) else []
    return " ".join([*cells, "", *aims])


def head(row: dict[str, Any]) -> str:
    """What the columns are."""
    ways = ways_of(row)
    wide = len(ways) * 10 - 1
    above = f"{'requests per second':^{wide}} {'median ms':^{wide}} "
    above += " ".join(f"{'to ' + way:^17}" for way in ways[1:]) + f" {'no success':^{wide}}"
    names = " ".join(f"{way:>9}" for way in ways)
    ratios = " ".join(f"{'ratio':>8} {'p50':>8}" for _ in ways[1:])
    return f"{'':17} {above}\n{'work':>9} {'clients':>7} {names} {names} {ratios} {names}"


if __name__ == "__main__":
    main()
