"""Services as the gateway sees them: fakes that answer by the contracts, or refuse, or are away; its own part is real."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import orjson

from chassis import operations
from chassis.access import Verifier
from chassis.database import Database
from chassis.rpc import Endpoint
from chassis.rpc_client import Reply
from contracts.access import AccessContext
from contracts.errors import UNAVAILABLE, PlutError

Answer = Callable[[Mapping[str, Any], AccessContext], Any]


@dataclass
class Asked:
    """One call that arrived."""

    service: str
    method: str
    request: dict[str, Any]
    context: AccessContext
    timeout: float | None


@dataclass
class FakeServices:
    """Stands where the RPC client stands. `answers` maps `service.method` to what it answers; nothing is away.

    What the process `accounts` answers is asked of the gateway's own database.
    """

    database: Database
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    replayed: bool = False

    def request(
        self,
        service: str,
        method: str,
        request: Mapping[str, Any],
        context: AccessContext,
        *,
        timeout: float | None = None,
        repeatable: bool = False,  # noqa: ARG002 - nothing is ever lost on the way here
    ) -> Reply:
        self.asked.append(Asked(service, method, dict(request), context, timeout))
        answer = self.answers.get(f"{service}.{method}")
        if answer is None and service == "gateway":
            return self._own(method, request, context)
        if answer is None:
            raise PlutError(UNAVAILABLE, f"{service} is away.", f"{service} tidak ada.", retry_after=3)
        return Reply(answer(request, context), self.replayed)

    def _own(self, method: str, request: Mapping[str, Any], context: AccessContext) -> Reply:
        body = orjson.dumps({"args": [], "kwargs": {"request": request}})
        verifier = cast("Verifier", _Given(context))
        reply = orjson.loads(self._endpoints[method].answer(self, self.database, verifier, body, {}))
        if reply["error"]:
            raise PlutError.from_wire(reply["error"])
        return Reply(reply["result"], reply["replayed"])

    @property
    def name(self) -> str:
        """The name of the service that it stands for itself."""
        return "gateway"

    @cached_property
    def _endpoints(self) -> dict[str, Endpoint]:
        return {each.name: each for each in operations.endpoints()}

    def is_ready(self) -> bool:
        return True


@dataclass
class _Given:
    """A verifier for a context that has not travelled."""

    context: AccessContext

    def verify(self, _: str | None) -> AccessContext:
        return self.context
