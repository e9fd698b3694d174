"""Many rows at a time into one of the registry's tables: see chassis/copying.py."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import ARRAY, BigInteger, Boolean, Date, DateTime, Double, Integer, LargeBinary, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from chassis import copying as chassis_copying

_NAMES: dict[type[TypeEngine[Any]], str] = {
    Uuid: "bytea",
    Text: "text",
    Integer: "int4",
    BigInteger: "int8",
    Double: "float8",
    Date: "bytea",
    DateTime: "bytea",
    JSONB: "jsonb",
    LargeBinary: "bytea",
    Boolean: "bool",
    ARRAY: "bytea",
}


@contextmanager
def copying(connection: psycopg.Connection[Any], table: Table, columns: Sequence[str]) -> Iterator[psycopg.Copy]:
    """An open COPY into `columns` of `table`: `write_row` takes uuids as `UUID.bytes`, dates by `day`, times by `moment`."""
    types = [_NAMES[type(table.c[column].type)] for column in columns]
    with chassis_copying.copying(connection, table.name, columns, types) as copy:
        yield copy


def copy_rows(
    connection: psycopg.Connection[Any], table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Write rows by COPY, values in the order of `columns`."""
    with copying(connection, table, columns) as copy:
        for row in rows:
            copy.write_row(row)
