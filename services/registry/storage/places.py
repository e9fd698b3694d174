"""Reference data as the import needs it: a unit's districts and villages by name, and the known KBLI codes."""

from __future__ import annotations

from typing import Any, cast

import psycopg

from services.registry.domain.kbli import KbliVersion

Places = list[tuple[str, str]]
"""Codes and names."""


def districts_and_villages(connection: psycopg.Connection[Any], unit: str) -> tuple[Places, Places]:
    """Districts and villages of a unit's region."""
    rows = connection.execute(
        "SELECT level, code, name FROM region WHERE code > %s AND code < %s AND level IN ('district', 'village')"
        " ORDER BY code",
        (f"{unit}.", f"{unit}/"),
    ).fetchall()
    districts, villages = (
        [(code, name) for level, code, name in rows if level == wanted] for wanted in ("district", "village")
    )
    return districts, villages


def known_kbli(connection: psycopg.Connection[Any]) -> dict[KbliVersion, set[str]]:
    """Codes by version, the newest version first."""
    known: dict[KbliVersion, set[str]] = {}
    for version, code in connection.execute("SELECT version, code FROM kbli ORDER BY version DESC, code"):
        known.setdefault(cast("KbliVersion", str(version)), set()).add(code)
    return known
