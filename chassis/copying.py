"""Many rows at a time: binary COPY, and from a table of the session's own into one that row-level security protects.

COPY doesn't name types, it takes bytes. Kinds whose psycopg dumper is written in Python (uuid, date, timestamptz, arrays)
are therefore handed over as the bytes that PostgreSQL expects, made by the small functions here, and `bytes` themselves
by psycopg's dumper in C (of its two it would take the one in Python, four times as slow for a whole row): that is most
of the difference between a bulk load and many rows.
"""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.types.string import BytesBinaryDumper

_EPOCH = dt.date(2000, 1, 1).toordinal()
_EPOCH_TIME = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_INT8 = 20
_ARRAY = struct.Struct(">5i")
_ITEM = struct.Struct(">iq")


@lru_cache(maxsize=65_536)
def day(date: dt.date) -> bytes:
    """A `date`: days since 2000-01-01."""
    return (date.toordinal() - _EPOCH).to_bytes(4, "big", signed=True)


@lru_cache(maxsize=1024)
def moment(time: dt.datetime) -> bytes:
    """A `timestamptz`: microseconds since 2000-01-01, in UTC."""
    return ((time - _EPOCH_TIME) // dt.timedelta(microseconds=1)).to_bytes(8, "big", signed=True)


def bigint_items(values: Sequence[int]) -> bytes:
    """Items of an `int8[]`, each after its size, for `bigints`; those that occur again and again are packed once."""
    return b"".join([_ITEM.pack(8, value) for value in values])


def bigints(items: bytes) -> bytes:
    """An `int8[]` of one dimension without nulls."""
    return _ARRAY.pack(1, 0, _INT8, len(items) // _ITEM.size, 1) + items


@contextmanager
def copying(
    connection: psycopg.Connection[Any],
    table: str,
    columns: Sequence[str],
    types: Sequence[str],
    *,
    protected: bool = True,
) -> Iterator[psycopg.Copy]:
    """An open COPY into `columns` of `table`: its `write_row` takes values of `types`, "bytea" for ready-made bytes.

    PostgreSQL has no COPY into a protected table: the rows go to a temporary one, and are inserted when the block ends.
    """
    names = ", ".join(columns)
    target = table
    with connection.cursor() as cursor:
        if protected:
            target = f"pg_temp.copied_{table.rpartition('.')[2]}"
            cursor.execute(
                f"CREATE TEMPORARY TABLE {target} ON COMMIT DROP AS SELECT {names} FROM {table} WITH NO DATA"
            )
        cursor.adapters.register_dumper(bytes, BytesBinaryDumper)
        with cursor.copy(f"COPY {target} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(types)
            yield copy
        if protected:
            cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {target}")
            cursor.execute(f"DROP TABLE {target}")
