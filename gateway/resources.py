"""What a process of the gateway holds: settings, its database, the way to the services, the file store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from flask import current_app

from chassis.database import Database
from chassis.files import FileStore
from chassis.rpc_client import Reply
from contracts.access import AccessContext
from gateway.identity.tokens import Lifetime, Lookup
from gateway.settings import GatewaySettings

_NAME = "plut"


class Rpc(Protocol):
    """The way to the services: `chassis.rpc_client.RpcClient`."""

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
        """The reply of a service's method, or PlutError."""
        ...

    def is_ready(self) -> bool:
        """Whether the broker is connected."""
        ...


@dataclass(frozen=True, slots=True)
class Resources:
    """One per process; nothing in it connects before it is used, so that a fork harms nothing."""

    settings: GatewaySettings
    database: Database
    lookup: Lookup
    rpc: Rpc
    files: FileStore

    @property
    def lifetime(self) -> Lifetime:
        """How long a sign-in holds."""
        return lifetime_of(self.settings)


def lifetime_of(settings: GatewaySettings) -> Lifetime:
    """How long a sign-in holds, by the settings."""
    return Lifetime(idle=timedelta(hours=settings.session_hours), whole=timedelta(days=settings.session_days))


def resources() -> Resources:
    """Those of the running application."""
    held: Resources = current_app.extensions[_NAME]
    return held


def hold(app: Any, held: Resources) -> None:
    """Give an application its resources."""
    app.extensions[_NAME] = held
