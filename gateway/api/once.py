"""The gateway's own POSTs: one effect per Idempotency-Key, by the same table and rules as the services'."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
import orjson
from flask import g

from chassis import idempotency
from chassis.unit_of_work import UnitOfWork
from gateway.resources import resources

_SECRETS: Final = frozenset({"password", "current", "new", "code"})


def once(
    uow: UnitOfWork, method: str, asked: Mapping[str, Any], act: Callable[[], dict[str, Any]], *, secret: bool = False
) -> dict[str, Any]:
    """`act`'s answer, or the one that the key's first request got.

    Passwords and codes go into the comparison as keyed hashes only; an answer that holds a `secret` is kept sealed.
    """
    key = resources().key
    comparable = {
        name: key.hash("repeat", value).hex() if name in _SECRETS else msgspec.to_builtins(value)
        for name, value in asked.items()
    }
    if not secret:
        reply: dict[str, Any]
        reply, g.replayed = idempotency.once(uow, method, comparable, act)
        return reply
    owner = UUID(uow.context.account)
    kept, g.replayed = idempotency.once(
        uow, method, comparable, lambda: {"sealed": base64.b64encode(key.seal(orjson.dumps(act()), owner)).decode()}
    )
    opened: dict[str, Any] = orjson.loads(key.open(base64.b64decode(kept["sealed"]), owner))
    return opened
