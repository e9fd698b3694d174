"""Services as the gateway sees them: a fake that answers by the contracts, or refuses, or is away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

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
    """Stands where the RPC client stands. `answers` maps `service.method` to what it answers; nothing is away."""

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
        if answer is None:
            raise PlutError(UNAVAILABLE, f"{service} is away.", f"{service} tidak ada.", retry_after=3)
        return Reply(answer(request, context), self.replayed)

    def is_ready(self) -> bool:
        return True
