"""Anchors: where each chain stood, kept in the file store and in the log, where who changes a database doesn't reach."""

from __future__ import annotations

from typing import Final

import orjson

from chassis.audit.check import Anchor
from chassis.audit.keys import AuditKeys
from chassis.files import FileStore
from chassis.log import logger
from chassis.unit_of_work import UnitOfWork

log = logger(__name__)

_HEADS: Final = "SELECT chain, sequence, hash FROM plut.audit_chain WHERE sequence > 0 ORDER BY chain"


def drop_anchor(uow: UnitOfWork, keys: AuditKeys, files: FileStore, service: str) -> None:
    """Keep the ends of a service's chains, signed, under the hour."""
    heads = uow.session.connection().exec_driver_sql(_HEADS).all()
    if not heads:
        return
    kept = orjson.dumps([[head.chain, head.sequence, bytes(head.hash).hex()] for head in heads])
    signed = orjson.dumps({"heads": kept.decode(), "signature": keys.sign(kept)})
    with files.open(f"{_folder(service)}/{uow.now:%Y-%m-%dT%H}.json", "wb") as file:
        file.write(signed)
    log.info("audit anchored", service=service, heads=kept.decode())


def anchors_of(keys: AuditKeys, files: FileStore, service: str) -> list[Anchor]:
    """All that were kept. Raises ValueError for a file that isn't one of ours."""
    found = []
    for key, _ in files.list(_folder(service)):
        with files.open(key) as file:
            signed = orjson.loads(file.read())
        kept = signed["heads"].encode()
        if not keys.signed(kept, signed["signature"]):
            raise ValueError(f"{key} is not signed with the audit key")
        found += [Anchor(chain, sequence, hash_) for chain, sequence, hash_ in orjson.loads(kept)]
    return found


def _folder(service: str) -> str:
    return f"audit/{service}"
