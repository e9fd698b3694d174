"""Rows as JSON and back, exactly: for records of what a row was before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Date, DateTime, Table, Uuid


def to_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of JSON values."""
    return orjson.loads(orjson.dumps(dict(row)))  # type: ignore[no-any-return]


def from_json(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse: values of the kinds that the table's columns have."""
    return {name: _value(table, name, value) for name, value in row.items()}


def _value(table: Table, name: str, value: Any) -> Any:
    kind = table.c[name].type
    if value is None:
        return None
    if isinstance(kind, Uuid):
        return UUID(value)
    if isinstance(kind, Date):
        return dt.date.fromisoformat(value)
    if isinstance(kind, DateTime):
        return dt.datetime.fromisoformat(value)
    return value
