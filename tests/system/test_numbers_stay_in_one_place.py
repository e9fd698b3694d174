"""R12: an identity number stands in the registry's sealed column, in what was uploaded, and nowhere else."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pika
import psycopg
import pytest
import requests

from contracts.events import EXCHANGE
from deploy.local import database
from deploy.processes import PROCESSES, find
from tests.service.gateway.gunicorn import gunicorn
from tests.stack import Platform, eventually
from tests.system.listening import listening
from tests.system.seeds import Seeds, ways
from tests.system.seeking import Seeker

#: What was handed in is kept as it came, until the import's rows are pruned: the one exception.
UPLOADS = "files/registry/uploads/"
#: Tables, with what the server has learnt of their values.
_TABLES = (
    "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind IN ('r', 'm')"
    " AND (c.relnamespace <> 'pg_catalog'::regnamespace OR c.relname = 'pg_statistic')"
)


def new_stem() -> str:
    """The first twelve digits of numbers that nothing else on this platform has: a place, and somebody's birthday."""
    chance = random.SystemRandom()
    return f"1371{chance.randint(10, 99)}{chance.randint(10, 28)}{chance.randint(10, 12)}{chance.randint(50, 99)}"


@pytest.fixture(scope="module")
def seeds(platform: Platform) -> Seeds:
    """Numbers that went in by every way; some of them at a gateway that asks services over the broker alone."""
    one = Seeds(platform, new_stem())
    for way in ways(one):
        way()
    environment = platform.stack.environment(find("gateway")) | {"PLUT_RPC_URLS": ""}
    with gunicorn(environment, "", platform.stack.layout.logs / "gateway-over-the-broker.log") as other:
        one.api = f"http://127.0.0.1:{other.port}/api/v1"
        eventually(lambda: one.ask("GET", "/registry/statistics").ok)
        one.one_by_one()
        _ask_nobody(platform, one)
    return one


def _ask_nobody(platform: Platform, seeds: Seeds) -> None:
    """A request that nobody takes for a while."""
    platform.stack.supervisor.stop("registry")
    try:
        asked = seeds.ask("POST", "/registry/enterprises/search", json={"nik": seeds.numbers[-1]})
        assert asked.status_code >= 500, asked.text
    finally:
        platform.stack.start_processes(["registry"])


def dumps(platform: Platform) -> Iterator[tuple[str, bytes]]:
    """Every table of every database, as text and as the server keeps it."""
    admin = database.admin_url(platform.stack.ports, platform.stack.passwords)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("CHECKPOINT")  # what follows is read from the disk, too
        names = [row[0] for row in connection.execute("SELECT datname FROM pg_database WHERE datallowconn")]
    for name in names:
        with psycopg.connect(admin.removesuffix("postgres") + name, autocommit=True) as connection:
            for (table,) in connection.execute(_TABLES).fetchall():
                for form in ("text", "binary") if table != "pg_statistic" else ("text",):
                    with connection.cursor().copy(f"COPY {table} TO STDOUT (FORMAT {form})") as rows:
                        yield f"{name}: {table}", b"".join(rows)


def pages(platform: Platform) -> Iterator[tuple[str, bytes]]:
    """What processes tell of themselves, and mails as they are shown."""
    ports = platform.stack.ports
    for process in PROCESSES:
        port = "gateway" if process.serves_http else f"health-{process.name}"
        for page in ("metrics", "readyz"):
            yield f"{process.name}: /{page}", requests.get(f"{ports.url(port)}/{page}", timeout=10).content
    yield "mails", b"".join(str(mail).encode() for mail in platform.mails())


def files(platform: Platform) -> Iterator[Path]:
    """Every file of the stack: databases with their write-ahead logs, the broker's, logs, mails, uploads, temporary ones."""
    return (file for file in platform.stack.layout.state.rglob("*") if file.is_file())


def everywhere(platform: Platform, seeker: Seeker) -> dict[str, set[str]]:
    """Where the numbers are, and how they are written there."""
    found = {place: seeker.find_hidden(content) for place, content in (*dumps(platform), *pages(platform))}
    for file in files(platform):
        try:
            found[str(file.relative_to(platform.stack.layout.state))] = seeker.find_in_file(file)
        except FileNotFoundError:
            continue  # the servers' files come and go
    return {place: how for place, how in found.items() if how}


def test_numbers_are_found_nowhere_but_in_what_was_uploaded(platform: Platform, seeds: Seeds) -> None:
    found = everywhere(platform, Seeker(seeds.stem, seeds.numbers))
    uploads = {place for place in found if place.startswith(UPLOADS)}
    assert len(uploads) >= 5, "the search finds what is there"
    elsewhere = [f"{place}: {', '.join(how)}" for place, how in sorted(found.items()) if place not in uploads]
    assert not elsewhere, "\n".join(elsewhere)


def test_no_answer_tells_a_number_but_one_that_was_asked_to(seeds: Seeds) -> None:
    seeker = Seeker(seeds.stem, seeds.numbers)
    assert all(seeker.find(shown.content) for shown in seeds.revealed)
    told = [
        f"{answer.request.method} {answer.request.path_url} {answer.status_code}: {answer.text[:300]} {answer.headers}"
        for answer in seeds.answers
        if seeker.find(answer.content + repr(answer.headers).encode())
    ]
    assert not told, "\n".join(told)


def test_no_event_tells_a_number(platform: Platform) -> None:
    one = Seeds(platform, new_stem())
    with listening(platform.amqp_url, "#") as partner:
        one.one_by_one()
        eventually(lambda: partner.of("enterprise-transferred"))
        assert Seeker(one.stem, one.numbers).find(repr(partner.events).encode()) == set()


# --- the search itself: what was planted is found ----------------------------------------------------------------


def _in_a_table(platform: Platform, number: str) -> None:
    with psycopg.connect(_owner_of(platform, "notifications"), autocommit=True) as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS planted (what text)")
        owner.execute("INSERT INTO planted VALUES (%s)", (number,))


def _owner_of(platform: Platform, name: str) -> str:
    return database.owner_url(platform.stack.ports, platform.stack.passwords).replace("{service}", name)


def _in_a_log(platform: Platform, number: str) -> None:
    with (platform.stack.layout.logs / "planted.log").open("a") as log:
        log.write(f'{{"event": "GET /?nik=%3{"%3".join(number)}"}}\n')


def _in_a_mail(platform: Platform, number: str) -> None:
    with sqlite3.connect(platform.stack.layout.mail) as mails:
        columns = "received_at, sender, recipients, subject, message_id, raw"
        raw = f"Subject: planted\r\n\r\n{' '.join(number)}\r\n".encode()
        mails.execute(f"INSERT INTO mail ({columns}) VALUES ('', '', '', '', '', ?)", (raw,))


def _on_the_broker(platform: Platform, number: str) -> None:
    with pika.BlockingConnection(pika.URLParameters(platform.amqp_url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.queue_declare("planted", durable=True, arguments={"x-queue-type": "quorum"})
        channel.queue_bind("planted", EXCHANGE, "planted")
        channel.basic_publish(EXCHANGE, "planted", number.encode(), pika.BasicProperties(delivery_mode=2))


@pytest.mark.parametrize(
    ("plant", "place"),
    [
        (_in_a_table, "notifications: planted"),
        (_in_a_table, "database/"),
        (_in_a_log, "logs/planted.log"),
        (_in_a_mail, "mail.sqlite3"),
        (_on_the_broker, "broker/data/"),
    ],
)
def test_a_number_that_was_planted_is_found(platform: Platform, plant: Callable[[Any, str], None], place: str) -> None:
    number = f"{new_stem()}0001"
    plant(platform, number)
    found = everywhere(platform, Seeker(number[:12], [number]))
    assert [each for each in found if each.startswith(place)], found
