"""What columns mean, as a unit's people have corrected it: found again by the header that a file has."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson
import psycopg


def signature(columns: Mapping[str, Any]) -> str | None:
    """The headers of a file's first sheet that is read, or of its first with headers, as one hash; `None` without any.

    What a file without headers holds says nothing about the next one.
    """
    sheets = sorted(columns.values(), key=lambda sheet: sheet["state"] != "read")
    lines = ([column["header"] for column in sheet["columns"]] for sheet in sheets)
    headers = next((line for line in lines if any(line)), None)
    return None if headers is None else sha256(orjson.dumps(headers)).hexdigest()


def find(connection: psycopg.Connection[Any], unit: str, header: str | None) -> dict[str, str] | None:
    """The mapping that was saved for this header."""
    if header is None:
        return None
    row = connection.execute(
        "SELECT mapping FROM import_mapping WHERE unit = %s AND signature = %s", (unit, header)
    ).fetchone()
    return None if row is None else row[0]
