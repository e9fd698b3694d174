"""What a process of the gateway holds: settings, its database, the way to the services, the file store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app

from chassis.database import Database
from chassis.files import FileStore
from chassis.rpc_client import RpcClient
from gateway.courier import Courier
from gateway.identity.account_key import AccountKey
from gateway.identity.breached import BreachedPasswords
from gateway.identity.callers import Terms
from gateway.identity.lookup import Lookup
from gateway.identity.provider import Provider
from gateway.identity.tokens import Lifetime
from gateway.leases import Leases
from gateway.settings import GatewaySettings

_NAME = "plut"


@dataclass(frozen=True, slots=True)
class Resources:
    """One per process; nothing in it connects before it is used, so that a fork harms nothing."""

    settings: GatewaySettings
    database: Database
    lookup: Lookup
    leases: Leases
    rpc: RpcClient
    files: FileStore
    key: AccountKey
    courier: Courier
    breached: BreachedPasswords
    provider: Provider

    @property
    def lifetime(self) -> Lifetime:
        """How long a sign-in holds."""
        return lifetime_of(self.settings)

    @property
    def terms(self) -> Terms:
        """What holds for every sign-in."""
        return Terms(self.key, self.lifetime, self.settings.public_url)


def lifetime_of(settings: GatewaySettings) -> Lifetime:
    """How long a sign-in holds, by the settings."""
    return Lifetime(idle=timedelta(hours=settings.session_hours), whole=timedelta(days=settings.session_days))


def resources() -> Resources:
    """Those of the running application."""
    return resources_of(current_app)


def resources_of(app: Any) -> Resources:
    """Those of an application."""
    held: Resources = app.extensions[_NAME]
    return held


def hold(app: Any, held: Resources) -> None:
    """Give an application its resources."""
    app.extensions[_NAME] = held
