"""Many rows at a time: binary COPY into one table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import ARRAY, BigInteger, Boolean, Date, DateTime, Double, Integer, LargeBinary, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

_NAMES: dict[type[TypeEngine[Any]], str] = {
    Uuid: "uuid",
    Text: "text",
    Integer: "int4",
    BigInteger: "int8",
    Double: "float8",
    Date: "date",
    DateTime: "timestamptz",
    JSONB: "jsonb",
    LargeBinary: "bytea",
    Boolean: "bool",
}


@contextmanager
def copying(connection: psycopg.Connection[Any], table: Table, columns: Sequence[str]) -> Iterator[psycopg.Copy]:
    """An open COPY into `columns` of `table`; use its `write_row`."""
    statement = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[arg-type]
        copy.set_types([_type_name(table.c[column].type) for column in columns])
        yield copy


def copy_rows(
    connection: psycopg.Connection[Any], table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Write rows by COPY, values in the order of `columns`."""
    with copying(connection, table, columns) as copy:
        for row in rows:
            copy.write_row(row)


def _type_name(kind: TypeEngine[Any]) -> str:
    if isinstance(kind, ARRAY):
        return _type_name(kind.item_type) + "[]"
    return _NAMES[type(kind)]
