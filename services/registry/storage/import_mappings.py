"""What columns mean, as a unit's people have corrected it: found again by the header that a file has."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson
import psycopg


def signature(columns: Mapping[str, Any]) -> str:
    """The headers of a file's first readable sheet, as one hash."""
    headers = next(
        ([column["header"] for column in sheet["columns"]] for sheet in columns.values() if sheet["columns"]), []
    )
    return sha256(orjson.dumps(headers)).hexdigest()


def find(connection: psycopg.Connection[Any], unit: str, header: str) -> dict[str, str] | None:
    """The mapping that was saved for this header."""
    row = connection.execute(
        "SELECT mapping FROM import_mapping WHERE unit = %s AND signature = %s", (unit, header)
    ).fetchone()
    return None if row is None else row[0]
