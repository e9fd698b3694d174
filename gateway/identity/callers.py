"""Who signs in from where, and what a sign-in is given."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.identity.account_key import AccountKey
from gateway.identity.tokens import Lifetime


@dataclass(frozen=True, slots=True)
class Caller:
    """From where somebody signs in: the address, what they call the device or program, and its token if it has one."""

    address: str
    label: str
    language: str = "id"
    device_token: str | None = field(default=None, repr=False)
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for every sign-in of this deployment; `place` is the portal's address, for letters."""

    key: AccountKey
    lifetime: Lifetime
    place: str
