"""What everybody writes for an event, one event at a time or many: the same statements for all contenders."""

from __future__ import annotations

from typing import Any

INBOX = (
    "INSERT INTO inbox (event_id, subscription, received_at) VALUES (:id, :subscription, now()) ON CONFLICT DO NOTHING"
)
_RENEW = (
    " ON CONFLICT (id) DO UPDATE SET unit = excluded.unit, name = excluded.name, kind = excluded.kind,"
    " district = excluded.district, kbli = excluded.kbli, version = excluded.version"
    " WHERE business.version < excluded.version"
)
UPSERT = (
    "INSERT INTO business (id, unit, name, kind, district, kbli, version)"
    " VALUES (:id, :unit, :name, :kind, :district, :kbli, :version)" + _RENEW
)
#: One parameter for a whole batch: JSON is read by the database for less than a driver needs to put arrays together.
_MANY = (
    "INSERT INTO business (id, unit, name, kind, district, kbli, version) SELECT * FROM json_to_recordset({rows})"
    " AS row (id uuid, unit text, name text, kind text, district text, kbli text, version bigint)" + _RENEW
)
UPSERT_MANY = _MANY.format(rows="CAST(:rows AS json)")
#: The same in psycopg's own words.
INBOX_MANY_BARE = (
    "INSERT INTO inbox (event_id, subscription, received_at) SELECT unnest(%s::uuid[]), %s, now()"
    " ON CONFLICT DO NOTHING RETURNING event_id::text"
)
UPSERT_MANY_BARE = _MANY.format(rows="%s")


def values(event: dict[str, Any]) -> dict[str, Any]:
    """Values of `UPSERT` out of an envelope as it comes out of JSON."""
    data = event["data"]
    return {
        "id": data["enterprise"],
        "unit": event["unit"],
        "name": data["business"],
        "kind": data["kind"],
        "district": data["district"],
        "kbli": data["kbli"],
        "version": int(event["sequence"]),
    }
