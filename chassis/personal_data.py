"""A service's answer to a person who asks for their data, or for its end (`contracts.personal_data`).

What makes a service a holder: an event of its own (a subclass of `Answer`), a handler that calls `take`, and a job of kind
`JOB` that calls `answer` with what the service does for an export and for an erasure. What is handed over goes into the file
store, sealed for the one key of the request, so that nobody but the service that asked can read it there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc import jwe
from joserfc.jwk import OKPKey
from sqlalchemy import text

from chassis.jobs import Work, start_job
from chassis.sealing.box import KEY, disclose, enclose
from chassis.unit_of_work import UnitOfWork
from contracts.events import Envelope
from contracts.personal_data import PERSONAL_FIELDS, Answer
from contracts.registry import PersonDataRequested

JOB: Final = "answer-person"

Export = Callable[[UnitOfWork, PersonDataRequested], Mapping[str, Any]]
Erase = Callable[[UnitOfWork, PersonDataRequested], int]


def take(uow: UnitOfWork, envelope: Envelope[PersonDataRequested]) -> None:
    """The handler: have a worker answer."""
    params = {"request": msgspec.to_builtins(envelope.data)}
    start_job(uow, JOB, unit=envelope.unit, params=params, lock=f"person-{envelope.data.request}")


def answer(work: Work, event_type: type[Answer], *, export: Export, erase: Erase) -> dict[str, Any]:
    """The job: export gives `{name: records}` in JSON values, erase says how many records it has destroyed."""
    request = msgspec.convert(work.params["request"], PersonDataRequested)
    with work.unit_of_work() as uow:
        part = None
        if request.kind == "erasure":
            records = erase(uow, request) + forget_events(uow, (*request.enterprises, *request.owners))
        else:
            found = export(uow, request)
            records = sum(len(each) for each in found.values())
            # a run that goes on after another's death writes a file of its own: nobody reads one that is half there
            part = f"{event_type.service}/persons/{request.request}/{work.run}"
            with work.files.open(part, "wb") as file:
                file.write(seal_part(found, request.recipient))
        uow.publish(
            event_type(request=request.request, records=records, part=part),
            subject=request.request,
            unit=work.unit,
            sequence=1,
        )
        uow.audit(f"person.{request.kind}-answered", subject=request.request, unit=work.unit)
    return {"request": str(request.request), "records": records}


def forget_events(uow: UnitOfWork, subjects: Iterable[UUID]) -> int:
    """Take what identifies out of events about these subjects that were published or have failed here; returns how many.

    So no replay brings it back. Kept replies of commands about them go, too.
    """
    ids = [str(each) for each in subjects]
    changed = 0
    for table, key in (("outbox", "position"), ("failed_event", "id")):
        rows = uow.session.execute(
            text(f"SELECT {key} AS key, body FROM plut.{table} WHERE subject = ANY(:ids) FOR UPDATE"), {"ids": ids}
        ).all()
        cleared = [{"key": row.key, "body": body} for row in rows if (body := _cleared(bytes(row.body)))]
        if cleared:
            uow.session.execute(text(f"UPDATE plut.{table} SET body = :body WHERE {key} = :key"), cleared)
        changed += len(cleared)
    uow.session.execute(
        text("DELETE FROM plut.idempotency WHERE reply::text LIKE ANY(:ids)"), {"ids": [f"%{each}%" for each in ids]}
    )
    return changed


def new_recipient() -> tuple[str, bytes]:
    """A request's key: the public half (JWK) for the event, and the private one, which is for the asking service alone."""
    key = OKPKey.generate_key("X25519")
    return json.dumps(key.as_dict(private=False)), json.dumps(key.as_dict(private=True)).encode()


def seal_part(found: Mapping[str, Any], recipient: str | None) -> bytes:
    """What a holder hands over, for the request's key alone."""
    if recipient is None:
        raise ValueError("an export without a recipient")
    # JWE limits what it opens, and a person's documents may be large: it carries the key alone
    key = os.urandom(KEY)
    # agreed upon with an ephemeral key of ours (RFC 7518 section 4.6), which joserfc writes into this very dict
    header = jwe.encrypt_compact({"alg": "ECDH-ES", "enc": "A256GCM"}, key, OKPKey.import_key(json.loads(recipient)))
    return header.encode() + b"\n" + enclose(AESGCM(key), orjson.dumps(found))


def open_part(content: bytes, private: bytes) -> dict[str, Any]:
    """What a holder has handed over. Raises ValueError (joserfc's, cryptography's) where it was sealed for another key."""
    header, _, body = content.partition(b"\n")
    key = jwe.decrypt_compact(header, OKPKey.import_key(json.loads(private))).plaintext
    assert key is not None
    found: dict[str, Any] = orjson.loads(disclose(AESGCM(key), body))
    return found


def _cleared(body: bytes) -> bytes | None:
    """An event without what identifies; None where there was nothing, or it can't be read."""
    try:
        envelope = orjson.loads(body)
        data = envelope["data"]
        known = {name: empty for name, empty in PERSONAL_FIELDS.items() if data.get(name) not in (None, empty)}
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return None
    if not known:
        return None
    data |= known
    return orjson.dumps(envelope)
