"""The gateway's own POSTs: one effect per Idempotency-Key, by the same table and rules as the services'."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from flask import g

from chassis import idempotency
from chassis.unit_of_work import UnitOfWork

_SECRETS: Final = frozenset({"password", "current", "new"})


def once(uow: UnitOfWork, method: str, asked: Mapping[str, Any], act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """`act`'s answer, or the one that the key's first request got. Passwords go into the comparison as hashes only."""
    comparable = {
        name: hashlib.sha256(value.encode()).hexdigest() if name in _SECRETS else msgspec.to_builtins(value)
        for name, value in asked.items()
    }
    reply: dict[str, Any]
    reply, g.replayed = idempotency.once(uow, method, comparable, act)
    return reply
