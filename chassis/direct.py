"""Requests straight to a service's own port: HTTP with the body and the headers that a message would have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, ReadTimeoutError

from chassis.rpc import too_late, unavailable

#: Answered by a service that is about to stop: it has not begun what was asked.
STOPPING: Final = 503
#: Seconds to reach a machine of the same network.
_CONNECT: Final = 0.5
_CONNECTIONS: Final = 64


class NotBegunError(Exception):
    """Nobody has taken the request: asking on another way can't make it happen twice."""


class DirectTransport:
    """Asks services at their addresses; thread-safe, and nothing connects before the first call."""

    def __init__(self, urls: str) -> None:
        self._template = urls if "{service}" in urls else ""
        pairs = [] if self._template else [pair.partition("=") for pair in urls.split(",") if pair]
        self._urls = {name.strip(): url.strip() for name, _, url in pairs}
        self._pools = urllib3.PoolManager(num_pools=16, maxsize=_CONNECTIONS, retries=False)

    def knows(self, service: str) -> bool:
        """Whether there is an address of this service."""
        return bool(self._template) or service in self._urls

    def call(self, service: str, method: str, body: bytes, headers: Mapping[str, str], limit: float) -> bytes:
        """The reply's body. `limit` is in seconds.

        Raises NotBegunError, PlutError `unavailable` where the connection was lost on the way (the request may or may not
        have been carried out), `deadline-exceeded`.
        """
        url = self._template.replace("{service}", service) or self._urls[service]
        timeout = urllib3.Timeout(connect=min(_CONNECT, limit), read=limit)
        try:
            answer = self._pools.request("POST", f"{url}/{method}", body=body, headers=headers, timeout=timeout)
        except ConnectTimeoutError as error:  # also the base of refused connections and unknown names
            raise NotBegunError(str(error)) from None
        except ReadTimeoutError:
            raise too_late(service, limit) from None
        except (HTTPError, OSError):
            raise unavailable(service) from None
        if answer.status == STOPPING:
            raise NotBegunError(f"{service} is stopping")
        return answer.data

    def close(self) -> None:
        """Close all connections."""
        self._pools.clear()
