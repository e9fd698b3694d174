"""Asking services: commands and queries, straight to a service's own port, or over the broker.

Straight where an address is known: then a broker that is away, paused or restarting changes nothing for those who ask.
Where nobody answers there, the request goes into the service's queue, which waits for a service that is being restarted.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from chassis.access import HEADER, Signer
from chassis.broker.rpc_transport import BrokerTransport
from chassis.broker.topology import DEADLINE_HEADER
from chassis.direct import DirectTransport, NotBegunError
from chassis.settings import Settings
from contracts.access import AccessContext
from contracts.errors import UNAVAILABLE, PlutError


class _Signs(Protocol):
    def sign(self, context: AccessContext, audience: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service answered, as JSON values; `replayed` when a repeated Idempotency-Key got an earlier answer."""

    result: Any
    replayed: bool


class RpcClient:
    """Calls commands and queries of services; thread-safe."""

    def __init__(self, settings: Settings, signer: _Signs | None = None, *, name: str = "gateway") -> None:
        self._signer = signer or Signer(settings.access_key_file)
        self._timeout = settings.rpc_timeout
        self._broker = BrokerTransport(settings, name=name)
        self._direct = DirectTransport(settings.rpc_urls)

    def request(
        self,
        service: str,
        method: str,
        request: Mapping[str, Any],
        context: AccessContext,
        *,
        timeout: float | None = None,
        repeatable: bool = False,
    ) -> Reply:
        """The reply of `service`'s `method`. `repeatable`: asking twice does no harm (a query, an Idempotency-Key).

        Raises PlutError: the service's own, `unavailable` where neither the service nor the broker can be reached (the
        request may or may not have been carried out when the connection was lost meanwhile), `deadline-exceeded` after
        `timeout` seconds.
        """
        limit = timeout or self._timeout
        deadline = time.time() + limit
        body = orjson.dumps({"args": [], "kwargs": {"request": request}})
        headers = {HEADER: self._signer.sign(context, service), DEADLINE_HEADER: str(int(deadline * 1000))}
        answer = orjson.loads(self._send(service, method, body, headers, deadline, repeatable=repeatable))
        if answer.get("error"):
            raise PlutError.from_wire(answer["error"])
        return Reply(answer["result"], bool(answer.get("replayed")))

    def is_ready(self) -> bool:
        """Whether the broker is connected."""
        return self._broker.is_ready()

    def close(self) -> None:
        """Disconnect; calls under way fail as unavailable."""
        self._direct.close()
        self._broker.close()

    def _send(
        self,
        service: str,
        method: str,
        body: bytes,
        headers: Mapping[str, str],
        deadline: float,
        *,
        repeatable: bool,
    ) -> bytes:
        if self._direct.knows(service):
            try:
                return self._direct.call(service, method, body, headers, deadline - time.time())
            except NotBegunError:
                pass
            except PlutError as error:
                if error.code != UNAVAILABLE or not repeatable:
                    raise
        return self._broker.call(service, method, body, headers, max(0.05, deadline - time.time()))
