"""Take an import's rows in, chunk by chunk: enterprises, owners, measurements, search entries and events."""

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


def take_in(*, uow: UnitOfWork, import_: Any, done: int, known_terms: set[Place]) -> int:
    """Take in the chunk after row `done`; returns the number of its last row.

    `known_terms` is the job's memory of what the search index has got from chunk to chunk.
    """
    connection = driver_connection(uow.session.connection())
    rows = _rows(connection, import_, done)
    owners = _owners_there(connection, rows)
    batch = Batch(moment(uow.now))
    for row in rows:
        if row.record is not None and row.makes_enterprise:
            add_enterprise(batch, uow, import_, row, owners)
    write(connection, uow, import_, batch, known_terms)
    fill_blanks(uow=uow, import_=import_, rows=[row for row in rows if row.may_fill])
    return rows[-1].number if rows else int(import_.rows)


def _rows(connection: psycopg.Connection[Any], import_: Any, done: int) -> list[KeptRow]:
    with connection.cursor(binary=True) as cursor:
        cursor.execute(
            "SELECT number, outcome, enterprise, owner, candidate, score, reasons, record, nik, nik_hash, nik_shown, decision"
            " FROM import_row WHERE import_id = %s AND number > %s AND number <= %s ORDER BY number",
            (import_.id, done, done + CHUNK),
        )
        return [kept_row(values) for values in cursor]


def _owners_there(connection: psycopg.Connection[Any], rows: Sequence[KeptRow]) -> set[UUID]:
    """Owners of the chunk that are in the database already.

    An owner with the enterprise's id is the row's own, and is there when the row is.
    """
    wanted = {row.owner for row in rows if row.owner is not None and row.owner != row.enterprise}
    with connection.cursor(binary=True) as cursor:
        return {row[0] for row in cursor.execute("SELECT id FROM owner WHERE id = ANY(%s)", (list(wanted),))}
