"""Scopes in SQL: which rows a caller may touch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, false, or_, true


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
