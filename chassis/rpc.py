"""Commands and queries: what stands between a request on the wire and a use case. No AMQP in here.

A request is verified, checked, given one unit of work, run, and answered; every failure becomes an error with a code.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from marshmallow import Schema, ValidationError
from sqlalchemy.orm.exc import StaleDataError

from chassis.access import HEADER, Verifier
from chassis.database import Database
from chassis.database_errors import is_away, is_clash, is_foreign, sqlstate
from chassis.idempotency import once
from chassis.log import bound_contextvars, logger
from chassis.metrics import RPC_SECONDS
from chassis.unit_of_work import UnitOfWork
from contracts import errors
from contracts.access import AccessContext
from contracts.errors import PlutError
from contracts.permissions import who_may

log = logger(__name__)

Method = Callable[[Any, UnitOfWork, dict[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of a service's class: its request's schema, and who may call it where the table of permissions doesn't say.

    With `once`, a repeated Idempotency-Key gets the first reply; queries, and replies that must not be kept, do without.
    What only `reads` writes nothing but that somebody has looked.
    """

    name: str
    method: Method
    request: type[Schema]
    roles: frozenset[str] | None
    once: bool
    reads: bool = False

    def answer(
        self, service: object, database: Database, verifier: Verifier, body: bytes, headers: Mapping[str, Any]
    ) -> bytes:
        """The reply to one request, in nameko's shape; raises nothing."""
        started = time.perf_counter()
        outcome = "ok"
        try:
            context = verifier.verify(headers.get(HEADER))
            with bound_contextvars(correlation_id=context.correlation_id, account=context.account, method=self.name):
                result, replayed = self._run(service, database, context, _request_in(body))
            reply = {"result": result, "error": None, "replayed": replayed}
            return orjson.dumps(reply, option=orjson.OPT_NON_STR_KEYS)
        except Exception as error:
            problem = as_problem(error)
            outcome = problem.code
            if problem.code == errors.INTERNAL:
                log.exception("request failed", method=self.name)
            return orjson.dumps({"result": None, "error": problem.to_wire()}, default=str)
        finally:
            RPC_SECONDS.labels(self.name, outcome).observe(time.perf_counter() - started)

    def roles_of(self, service: str) -> frozenset[str]:
        """Who may call it; raises KeyError for a method of a service that the table doesn't have."""
        return self.roles if self.roles is not None else who_may(f"{service}.{self.name}").roles

    def _run(
        self, service: object, database: Database, context: AccessContext, raw: dict[str, Any]
    ) -> tuple[Any, bool]:
        roles = self.roles_of(database.service)
        if not context.has_role(roles):
            raise PlutError(
                errors.NOT_ALLOWED,
                f"Your role does not allow this ({self.name}).",
                f"Peran Anda tidak mengizinkan tindakan ini ({self.name}).",
            )
        request = self.request().load(raw)
        with UnitOfWork(database, context, roles=roles, awaits_disk=not self.reads) as uow:
            if self.once:
                return once(uow, self.name, raw, lambda: self.method(service, uow, request))
            found = self.method(service, uow, request)
            # assisted mode: the owner is shown every look and act, also those that are nothing special by themselves
            if self.reads and context.on_behalf_of and not uow.on_record:
                uow.audit(f"{database.service}.{self.name}")
            return found, False


def _request_in(body: bytes) -> dict[str, Any]:
    try:
        message = orjson.loads(body)
        request = message["kwargs"]["request"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        request = None
    if not isinstance(request, dict):
        raise PlutError(errors.INVALID_REQUEST, "The body must be {args: [], kwargs: {request: {...}}}.")
    return request


def as_problem(error: Exception) -> PlutError:  # noqa: PLR0911 - a table, read from above
    """Any exception as an error that may cross the border: never a trace, never a driver's text."""
    if isinstance(error, PlutError):
        return error
    if isinstance(error, ValidationError):
        return PlutError(
            errors.INVALID_REQUEST,
            "The request has errors: see fields.",
            "Permintaan belum benar: lihat fields.",
            fields=flatten(dict(error.normalized_messages())),  # type: ignore[no-untyped-call]
        )
    if isinstance(error, StaleDataError):
        return version_conflict()
    if is_away(error):
        return PlutError(
            errors.UNAVAILABLE,
            "The database can't be reached at the moment.",
            "Basis data sedang tidak dapat dihubungi.",
            retry_after=3,
        )
    if sqlstate(error) in {"57014", "55P03"}:
        return PlutError(errors.DEADLINE_EXCEEDED, "The request took too long.", "Permintaan terlalu lama diproses.")
    if is_clash(error):
        return version_conflict()
    if is_foreign(error):
        # the database has held where nobody else did: harmless, and worth a look
        log.warning("row-level security refused a write", exc_info=error)
        return PlutError(
            errors.OUT_OF_SCOPE, "Your account does not cover this.", "Akun Anda tidak mencakup wilayah ini."
        )
    return PlutError(errors.INTERNAL, "The service failed.", "Layanan mengalami kegagalan.")


def unavailable(what: str) -> PlutError:
    """It can't be reached at the moment."""
    return PlutError(
        errors.UNAVAILABLE,
        f"The {what} can't be reached at the moment. Try again in a few seconds.",
        f"{what} sedang tidak dapat dihubungi. Coba lagi beberapa detik lagi.",
        retry_after=3,
        what=what,
    )


def too_late(service: str, limit: float) -> PlutError:
    """No answer within `limit` seconds."""
    return PlutError(
        errors.DEADLINE_EXCEEDED,
        f"The {service} service did not answer in {limit:g} seconds.",
        f"Layanan {service} tidak menjawab dalam {limit:g} detik.",
        service=service,
    )


def version_conflict() -> PlutError:
    """Somebody else changed the same thing meanwhile."""
    return PlutError(
        errors.VERSION_CONFLICT,
        "It was changed by somebody else meanwhile. Read it again and repeat your change.",
        "Data sudah diubah orang lain. Muat ulang lalu ulangi perubahan Anda.",
    )


def flatten(messages: Mapping[Any, Any], prefix: str = "") -> dict[str, list[str]]:
    """Nested messages as `{"owner.nik": [...]}`; a message for the whole stands under the empty name."""
    flat: dict[str, list[str]] = {}
    for name, inner in messages.items():
        part = "" if name == "_schema" else str(name)
        path = ".".join(filter(None, (prefix, part)))
        if isinstance(inner, Mapping):
            flat.update(flatten(inner, path))
        else:
            flat.setdefault(path, []).extend(str(text) for text in _listed(inner))
    return flat


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else [value]
