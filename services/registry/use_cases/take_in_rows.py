"""Take an import's rows in, chunk by chunk: enterprises, owners, measurements, search entries and events.

A chunk is made ready apart from being written, so that the next one is made while PostgreSQL takes in the one before.
What is made ready has changed nothing yet: a run that ends forgets it, and the next run makes it anew.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg

from chassis.copying import moment
from chassis.database import Database, driver_connection
from chassis.unit_of_work import UnitOfWork
from contracts.access import AccessContext
from services.registry.storage.import_rows import KeptRow, kept_row
from services.registry.storage.search_index import Place
from services.registry.use_cases.enterprises_of_rows import Batch, add_enterprise, write
from services.registry.use_cases.fill_blanks import fill_blanks

CHUNK: Final = 2_000
"""Rows in one transaction: large enough for COPY to pay, small enough to lose little and hold up nobody."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows made ready to be taken in."""

    batch: Batch
    filling: list[KeptRow]
    """Rows that repeat what is known, and may know more."""
    done: int
    """The number of the last."""


def chunks(database: Database, context: AccessContext, import_: Any) -> Generator[Chunk, None, None]:
    """The import's rows after the `import_.done` first ones, each chunk in a transaction of its own that changes nothing."""
    made: set[UUID] = set()
    done = int(import_.done)
    while True:
        with UnitOfWork(database, context) as uow:
            connection = driver_connection(uow.session.connection())
            rows = _rows(connection, import_, done)
            made |= _owners_there(connection, rows, made)
            batch = Batch(moment(uow.now))
            for row in rows:
                if row.record is not None and row.makes_enterprise:
                    add_enterprise(batch, uow, import_, row, made)
            batch.ready = uow.ready(batch.events)
        done = rows[-1].number if rows else import_.rows
        yield Chunk(batch, [row for row in rows if row.may_fill], done)
        if done >= import_.rows:
            return


def take_in(*, uow: UnitOfWork, import_: Any, chunk: Chunk, known_terms: set[Place]) -> None:
    """Take in a chunk. `known_terms` is the job's memory of what the search index has got from chunk to chunk."""
    write(driver_connection(uow.session.connection()), uow, import_, chunk.batch, known_terms)
    fill_blanks(uow=uow, import_=import_, rows=chunk.filling)


def _rows(connection: psycopg.Connection[Any], import_: Any, done: int) -> list[KeptRow]:
    with connection.cursor(binary=True) as cursor:
        cursor.execute(
            "SELECT number, outcome, enterprise, owner, candidate, score, reasons, record, nik, nik_hash, nik_shown, decision"
            " FROM import_row WHERE import_id = %s AND number > %s AND number <= %s ORDER BY number",
            (import_.id, done, done + CHUNK),
        )
        return [kept_row(values) for values in cursor]


def _owners_there(connection: psycopg.Connection[Any], rows: Sequence[KeptRow], made: set[UUID]) -> set[UUID]:
    """Owners of the chunk that are in the database already; those of chunks before, written or not yet, are `made`.

    An owner with the enterprise's id is the row's own, and is there when the row is.
    """
    wanted = {row.owner for row in rows if row.owner is not None and row.owner != row.enterprise} - made
    with connection.cursor(binary=True) as cursor:
        return {row[0] for row in cursor.execute("SELECT id FROM owner WHERE id = ANY(%s)", (list(wanted),))}
