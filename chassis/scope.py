"""Scopes in SQL: which rows a caller may touch.

It is said twice. Queries filter by `in_scope`, which can use an index; and the database holds every row against the scope
that the unit of work has set for the transaction (row-level security: the chassis's migration 0002), so that a query that
forgets to filter shows nobody anything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, true

_SCOPE: Final = re.compile(r"[0-9.]*")


def setting(scopes: Sequence[str]) -> str:
    """`plut.scope` for a transaction, as the database's policies read it: the places, each with a dot behind it.

    Raises ValueError for what is no region code: the setting is the one thing that no policy checks.
    """
    for scope in scopes:
        if not _SCOPE.fullmatch(scope):
            raise ValueError(f"{scope!r} is no scope")
    return "{" + ",".join(f'"{scope}."' if scope else '""' for scope in scopes) + "}"


def owners_setting(owners: Sequence[UUID] | None) -> str:
    """`plut.owners` for a transaction: whose rows it may touch at most; empty where that plays no part (None)."""
    return "" if owners is None else "{" + ",".join(map(str, owners)) + "}"


NATIONAL: Final = setting([""])


def in_scope(unit: ColumnElement[str] | Any, scopes: Sequence[str]) -> ColumnElement[bool]:
    """The condition that a row's `unit` lies in one of `scopes`; no scope means no rows.

    The range for what lies below a scope (`21.` ≤ unit < `21/`) can use a B-tree under the "C" collation, which `unit`
    columns have.
    """
    if "" in scopes:
        return true()
    if not scopes:
        return false()
    return or_(*((unit == scope) | ((unit >= f"{scope}.") & (unit < f"{scope}/")) for scope in scopes))
