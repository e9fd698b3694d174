"""Whether the gateway lives, whether it can do its work, and what its metrics are."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from flask import Blueprint, Response, request

from chassis.services import service_names
from contracts.access import SYSTEM
from contracts.errors import PlutError
from gateway.api.asking import answer
from gateway.api.authentication import public, require_role, signed_in_or_refused
from gateway.edge import metrics
from gateway.resources import Resources, resources

blueprint = Blueprint("health", __name__)

#: A page that many look at, and probes that come every second, must not become load.
_KEPT: Final = 2.0
_PATIENCE: Final = 2.0
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
_OPERATORS: Final = frozenset({"operator"})


class Readiness:
    """Looks at everything that the gateway needs, all at once, and remembers the answer for two seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state: dict[str, Any] = {}
        self._until = 0.0

    def state(self, held: Resources) -> dict[str, Any]:
        """`{"ready": bool, "checks": {"database": bool, "broker": bool}, "services": {name: bool}}`.

        Ready is who can answer at all: a service that is away doesn't make the others unreachable, nor does a broker
        while services answer without it.
        """
        with self._lock:
            if time.monotonic() >= self._until:
                self._state = _look(held)
                self._until = time.monotonic() + _KEPT
            return self._state


_readiness: Final = Readiness()


def _look(held: Resources) -> dict[str, Any]:
    names = service_names()
    with ThreadPoolExecutor(len(names) + 2) as pool:
        database = pool.submit(held.database.is_ready)
        broker = pool.submit(held.rpc.is_ready)
        services = {name: pool.submit(_answers, held, name) for name in names}
        checks = {"database": database.result(), "broker": broker.result()}
        answering = {name: found.result() for name, found in services.items()}
        ready = checks["database"] and (checks["broker"] or any(answering.values()))
        return {"ready": ready, "checks": checks, "services": answering}


def _answers(held: Resources, service: str) -> bool:
    """Whether a service answers a question that goes to its database."""
    try:
        held.rpc.request(service, "list_failed_events", {"limit": 1}, SYSTEM, timeout=_PATIENCE)
    except PlutError:
        return False
    return True


def state() -> dict[str, Any]:
    """The present readiness, for the page that people see."""
    return _readiness.state(resources())


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """Alive as long as it answers."""
    return answer({"alive": True})


@blueprint.get("/readyz")
@public
def readyz() -> Response:
    """200 while the gateway can do its work, 503 otherwise."""
    found = state()
    return answer(found, status=200 if found["ready"] else 503)


@blueprint.get("/metrics")
@public
def get_metrics() -> Response:
    """For the machine's own collector, and for operators."""
    if request.remote_addr not in _LOOPBACK or "X-Forwarded-For" in request.headers:
        signed_in_or_refused()
        require_role(_OPERATORS)
    return metrics.exposition()
