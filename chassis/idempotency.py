"""Idempotency-Keys: a command runs once per account and key, and the same transaction keeps its reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from sqlalchemy import text

from chassis.unit_of_work import UnitOfWork
from contracts.errors import IDEMPOTENCY_MISMATCH, PlutError


def once(uow: UnitOfWork, method: str, request: Mapping[str, Any], run: Callable[[], Any]) -> tuple[Any, bool]:
    """Run a command unless its key has been used; returns its reply and whether that is an earlier one's.

    A second request waits for the first one's commit, then gets its reply; when the first fails, its key is free
    again. Without a key the command simply runs. Raises PlutError `idempotency-mismatch` when the key stands for
    another request.
    """
    if not uow.context.idempotency_key:
        return run(), False
    canonical = orjson.dumps(request, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    # keyed: most of a request stands in the database, so a plain hash would tell who guesses the rest, such as a NIK
    told, keys = method.encode() + b"\0" + canonical, uow.keys
    # what was answered to somebody on an owner's behalf is no answer to them on another's
    asking = "/".join(filter(None, (uow.context.account, uow.context.on_behalf_of)))
    key = {"account": asking, "key": uow.context.idempotency_key}
    claimed = uow.session.execute(
        text(
            "INSERT INTO plut.idempotency (account, key, fingerprint, created_at) VALUES (:account, :key, :print, :now)"
            " ON CONFLICT DO NOTHING RETURNING true"
        ),
        {**key, "print": bytes.fromhex(keys.sign(told)), "now": uow.now},
    ).scalar()
    if not claimed:
        before = uow.session.execute(
            text("SELECT fingerprint, reply FROM plut.idempotency WHERE account = :account AND key = :key"), key
        ).one()
        if not keys.signed(told, bytes(before.fingerprint).hex()):
            raise PlutError(
                IDEMPOTENCY_MISMATCH,
                "This Idempotency-Key was used for another request. Use a new key.",
                "Idempotency-Key ini sudah dipakai untuk permintaan lain. Gunakan kunci baru.",
            )
        return before.reply, True
    reply = run()
    uow.session.execute(
        text("UPDATE plut.idempotency SET reply = cast(:reply AS jsonb) WHERE account = :account AND key = :key"),
        {**key, "reply": orjson.dumps(reply, option=orjson.OPT_NON_STR_KEYS).decode()},
    )
    return reply, False
