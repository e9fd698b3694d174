"""Whose address a request has, where proxies stand in front: theirs are known by network, and only they are believed."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Final

from chassis.settings import SettingsError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_ADDRESS: Final = "REMOTE_ADDR"
_FORWARDED: Final = "HTTP_X_FORWARDED_FOR"
Networks = tuple[IPv4Network | IPv6Network, ...]


def networks(setting: str) -> Networks:
    """`10.0.0.0/8, 192.0.2.7` as networks; raises SettingsError."""
    try:
        return tuple(ip_network(part.strip()) for part in setting.split(",") if part.strip())
    except ValueError as error:
        raise SettingsError(f"PLUT_TRUSTED_PROXIES must name networks or addresses: {error}") from None


class BehindProxies:
    """Puts the client's address into a request that comes from a trusted proxy, and leaves every other as it is.

    Each proxy adds whom it was asked by at the end of `X-Forwarded-For`; what stands before the last that isn't one of
    ours was said by the client, who may say anything.
    """

    def __init__(self, app: WSGIApplication, trusted: Networks) -> None:
        self._app, self._trusted = app, trusted

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """WSGI."""
        chain = [*environ.get(_FORWARDED, "").split(","), environ.get(_ADDRESS, "")]
        while len(chain) > 1 and self._trusts(chain[-1]) and _is_address(chain[-2]):
            chain.pop()
        environ[_ADDRESS] = chain[-1].strip()
        return self._app(environ, start_response)

    def _trusts(self, address: str) -> bool:
        if not _is_address(address):
            return False
        read = ip_address(address.strip())
        if isinstance(read, IPv6Address) and read.ipv4_mapped:
            read = read.ipv4_mapped
        return any(read in network for network in self._trusted)


def _is_address(text: str) -> bool:
    try:
        ip_address(text.strip())
    except ValueError:
        return False
    return True
