"""Whose request it is that is counted: an account's and its unit's, or, without a sign-in, an address's."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address

from flask import request

from contracts.access import Grant
from gateway.edge import rate_limits
from gateway.identity.tokens import SignedIn
from gateway.leases import Policy
from gateway.resources import resources

#: Probes and collectors come when they want to.
_UNCOUNTED = frozenset({"health"})


def count_account(who: SignedIn) -> None:
    """Count a request of somebody who has signed in. Raises `too-many-requests`."""
    settings = resources().settings
    _count(Policy("account", settings.rate_limit_account), str(who.account))
    if unit := unit_of(who.grants):
        _count(Policy("unit", settings.rate_limit_unit), unit)


def count_address() -> None:
    """Count a request of somebody who hasn't. Raises `too-many-requests`."""
    if request.blueprint not in _UNCOUNTED:
        _count(Policy("address", resources().settings.rate_limit_address), network_of(request.remote_addr or ""))


def unit_of(grants: Iterable[Grant]) -> str:
    """The scope of the narrowest grant; the empty one, of who stands for the nation or the deployment, isn't counted."""
    return max((grant.scope for grant in grants), key=lambda scope: (len(scope), scope), default="")


def network_of(address: str) -> str:
    """What is counted as one address: of IPv6 the network, since a single connection has 2^64 of them."""
    try:
        read = ip_address(address)
    except ValueError:
        return address
    if not isinstance(read, IPv6Address):
        return address
    if read.ipv4_mapped:
        return str(read.ipv4_mapped)
    return f"{IPv6Address(int(read) >> 64 << 64)}/64"


def _count(policy: Policy, who: str) -> None:
    if policy.quota > 0:
        rate_limits.note(policy, resources().leases.take(policy, who))
