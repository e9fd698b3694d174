"""Searches with typing mistakes beside reads by primary key, at two sizes, through the service's own unit of work."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from chassis.copying import moment
from chassis.database import Database, driver_connection
from chassis.identifiers import new_id
from chassis.unit_of_work import UnitOfWork, utc_now
from contracts.access import HEAD, SYSTEM, AccessContext, Grant
from contracts.api import registry as api
from services.registry.queries.enterprises import get_enterprise
from services.registry.queries.search_enterprises import search_enterprises
from services.registry.storage import tables
from services.registry.storage.bulk import copy_rows
from services.registry.storage.search_index import add_entries, entry
from tests.data import make_sample_workbook as samples
from tests.service.registry.registry import BATAM, Registry

_CHUNK = 5_000
_QUERIES = 400
_CITY = 25_000
"""Enterprises in each of the country's other cities."""
_SYLLABLES = "ba ra da ma sa na ti ri ki li mi su ru du lu tu ko ro no wi ya han sari jaya putra".split()  # noqa: SIM905


def run(registry: Registry, sizes: tuple[int, int]) -> dict[str, Any]:
    """Figures at both sizes; Batam has all of the first size, other cities fill up to the second."""
    registry.empty()
    rng = random.Random(1)  # noqa: S311 - invented names
    fill(registry.database, BATAM, sizes[0], rng)
    measured = [measure(registry, sizes[0], rng)]
    for number in range((sizes[1] - sizes[0]) // _CITY):
        fill(registry.database, f"{31 + number // 30}.{1 + number % 30:02}", _CITY, rng)
    measured.append(measure(registry, sizes[1], rng))
    growth = round(measured[1]["unit"]["p95"] / measured[0]["unit"]["p95"], 2)
    return {"sizes": measured, "growth": growth}


def business(rng: random.Random) -> tuple[str, str, str]:
    """A name, an owner, a product; a part of the words is rare, as in life."""
    family = rng.choice(samples.FAMILY) if rng.random() < 0.7 else "".join(rng.choices(_SYLLABLES, k=3)).capitalize()
    owner = f"{rng.choice(samples.WOMEN + samples.MEN)} {rng.choice(samples.WOMEN + samples.MEN)} {family}"
    product = rng.choice(samples.GOODS)[1]
    name = rng.choice(samples.NAMES).format(first=owner.split(maxsplit=1)[0], family=family, product=product)
    return name, owner, product


def fill(database: Database, unit: str, count: int, rng: random.Random) -> None:
    """Write enterprises straight into the tables."""
    with UnitOfWork(database, SYSTEM) as uow:
        connection = driver_connection(uow.session.connection())
        now = moment(utc_now())
        for _ in range(0, count, _CHUNK):
            made = [(new_id(), *business(rng)) for _ in range(_CHUNK)]
            copy_rows(connection, tables.owner, ("id", "unit", "name", "nik_state"),
                      ((each.bytes, unit, owner, "missing") for each, _, owner, _ in made))  # fmt: skip
            copy_rows(
                connection,
                tables.enterprise,
                (
                    "id",
                    "unit",
                    "version",
                    "state",
                    "kind",
                    "name",
                    "owner_id",
                    "products",
                    "registered_at",
                    "updated_at",
                ),
                (
                    (each.bytes, unit, 1, "active", "perorangan", name, each.bytes, product, now, now)
                    for each, name, _, product in made
                ),
            )
            add_entries(connection, unit, [entry(*each) for each in made])


def measure(registry: Registry, enterprises: int, rng: random.Random) -> dict[str, Any]:
    """p50 and p95 in milliseconds of reads by key and of searches, and how often the one meant was on the first page."""
    for name in ("enterprise", "owner", "search_entry", "search_variant", "search_place"):
        registry.look.execute(f"VACUUM ANALYZE {name}")  # type: ignore[arg-type]
    chosen = registry.look.execute(
        "SELECT e.id, e.name, o.name FROM enterprise e JOIN owner o ON o.id = e.owner_id WHERE e.unit = %s"
        " ORDER BY md5(e.id::text) LIMIT %s",
        (BATAM, _QUERIES),
    ).fetchall()
    head = AccessContext(account="bench", name="Bench", grants=(Grant(HEAD, BATAM),))
    queries = [misspelt(rng, name, owner) for _, name, owner in chosen]
    results: dict[str, Any] = {"enterprises": enterprises}
    results["key"] = timed(lambda: reads(registry, head, [row[0] for row in chosen]))
    for kind, context in (("unit", head), ("country", SYSTEM)):
        results[kind] = timed(lambda context=context: searches(registry, context, queries))  # type: ignore[misc]
    found = list(searches(registry, head, queries, ids=[row[0] for row in chosen]))
    results["found"] = round(sum(found) / len(found), 3)
    results["ratio"] = round(results["unit"]["p95"] / results["key"]["p95"], 2)
    return results


def misspelt(rng: random.Random, name: str, owner: str) -> str:
    """Words of the business and its owner, one of them mistyped."""
    words = f"{name} {owner.rsplit(maxsplit=1)[-1]}".split()
    longest = max(range(len(words)), key=lambda at: len(words[at]))
    words[longest] = samples.misspelt(rng, words[longest]) if len(words[longest]) > 4 else words[longest]
    return " ".join(words)


def reads(registry: Registry, context: AccessContext, ids: list[UUID]) -> Iterator[Any]:
    """Read each enterprise by its key."""
    for each in ids:
        with UnitOfWork(registry.database, context) as uow:
            yield get_enterprise(uow=uow, request={"id": each})


def searches(
    registry: Registry, context: AccessContext, queries: list[str], ids: list[UUID] | None = None
) -> Iterator[Any]:
    """Search for each query; yields whether the id was among the first page's."""
    for at, words in enumerate(queries):
        with UnitOfWork(registry.database, context) as uow:
            page = search_enterprises(uow=uow, request=api.SearchEnterprises().load({"q": words}))
            yield any(item["id"] == ids[at] for item in page["items"]) if ids else page


def timed(run_all: Callable[[], Iterator[Any]]) -> dict[str, float]:
    """p50 and p95 in milliseconds, after a warm-up of the same."""
    for _ in run_all():
        pass
    times = []
    started = time.perf_counter()
    for _ in run_all():
        times.append(time.perf_counter() - started)
        started = time.perf_counter()
    times.sort()
    return {name: round(1000 * times[int(len(times) * share)], 2) for name, share in (("p50", 0.5), ("p95", 0.95))}
