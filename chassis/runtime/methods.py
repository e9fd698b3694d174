"""A service's methods, whatever way a request for them came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import orjson
from nameko.extensions import ProviderCollector, SharedExtension

from chassis.broker.topology import RPC_EXCHANGE
from contracts.errors import NOT_FOUND, PlutError


class Call(Protocol):
    """A request, and the means to answer it."""

    @property
    def body(self) -> bytes:
        """What nameko's protocol puts into a message."""

    @property
    def headers(self) -> Mapping[str, Any]:
        """Access context and deadline."""

    def reply(self, body: bytes, *, exchange: str) -> None:
        """Answer whoever asked; raises nothing when nobody is there any more."""

    def acknowledge(self) -> None:
        """It is done, with or without a reply."""


class Methods(SharedExtension, ProviderCollector):
    """The entrypoints by name."""

    def begin(self, call: Call, name: str) -> None:
        """Have a worker of the container answer, as soon as one is free; a method that isn't there is refused."""
        method = next((each for each in self._providers if each.method_name == name), None)
        if method is not None:
            method.spawn(call)
            return
        problem = PlutError(NOT_FOUND, f"There is no method {self.container.service_name}.{name}.")
        call.reply(orjson.dumps({"result": None, "error": problem.to_wire()}), exchange=RPC_EXCHANGE)
        call.acknowledge()
