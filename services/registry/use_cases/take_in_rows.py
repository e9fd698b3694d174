"""Take a chunk of an import's rows in: enterprises, owners, measurements, search entries and events, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import psycopg

from chassis.copying import moment
from chassis.database import driver_connection
from chassis.unit_of_work import UnitOfWork
from services.registry.storage.import_rows import KeptRow, kept_row
from services.registry.storage.search_index import Place
from services.registry.use_cases.enterprises_of_rows import Batch, add_enterprise, write
from services.registry.use_cases.fill_blanks import fill_blanks

CHUNK: Final = 2_000
"""Rows in one transaction: large enough for COPY to pay, small enough to lose little and hold up nobody."""


def take_in_rows(*, uow: UnitOfWork, import_: Any, known_terms: set[Place]) -> int:
    """Take in the rows after the `import_.done` first ones; returns how many are done then.

    `known_terms` is the job's memory of what the search index has got from chunk to chunk.
    """
    connection = driver_connection(uow.session.connection())
    rows = _rows(connection, import_)
    if not rows:
        return int(import_.done)
    known = _owners_there(connection, rows)
    batch = Batch(moment(uow.now), known_terms)
    for row in rows:
        if row.record is not None and row.makes_enterprise:
            add_enterprise(batch, uow, import_, row, known)
    write(connection, uow, import_, batch)
    fill_blanks(uow=uow, import_=import_, rows=[row for row in rows if row.may_fill])
    return rows[-1].number


def _rows(connection: psycopg.Connection[Any], import_: Any) -> list[KeptRow]:
    with connection.cursor(binary=True) as cursor:
        cursor.execute(
            "SELECT number, outcome, enterprise, owner, candidate, score, reasons, record, nik, nik_hash, nik_shown, decision"
            " FROM import_row WHERE import_id = %s AND number > %s AND number <= %s ORDER BY number",
            (import_.id, import_.done, import_.done + CHUNK),
        )
        return [kept_row(values) for values in cursor]


def _owners_there(connection: psycopg.Connection[Any], rows: Sequence[KeptRow]) -> set[UUID]:
    """Owners of the chunk that are known already: of the database, or of a chunk before."""
    wanted = list({row.owner for row in rows if row.owner is not None})
    with connection.cursor(binary=True) as cursor:
        return {row[0] for row in cursor.execute("SELECT id FROM owner WHERE id = ANY(%s)", (wanted,))}
