"""From an operator's request to conditions in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, and_, true

from chassis.scope import in_scope


def selected(table: Table, request: Mapping[str, Any], *equal: str, by: Column[Any], key: Column[Any]) -> Any:
    """The rows that a request names: all that is given must hold.

    `equal` are columns that a field of the same name must equal; the window `since`, `until` is of column `by`; `ids` are
    of column `key`.
    """
    conditions: list[ColumnElement[bool]] = [table.c[name] == request[name] for name in equal if request.get(name)]
    if request.get("unit"):
        conditions.append(in_scope(table.c.unit, [request["unit"]]))
    if request.get("since"):
        conditions.append(by >= request["since"])
    if request.get("until"):
        conditions.append(by < request["until"])
    if request.get("ids"):
        conditions.append(key.in_(request["ids"]))
    return and_(true(), *conditions)
