"""Requests straight to a service's own port: HTTP with the body and the headers that a message would have."""

from __future__ import annotations

import socket
import time
from collections import defaultdict
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from queue import Empty, LifoQueue
from typing import Final
from urllib.parse import urlsplit

from chassis.rpc import too_late, unavailable

#: Answered by a service that is about to stop: it has not begun what was asked.
STOPPING: Final = 503
#: Seconds to reach a machine of the same network.
_CONNECT: Final = 0.5
#: Seconds that a connection is used: the next one may lead to a replica that wasn't there before.
LIFETIME: Final = 10.0


class NotBegunError(Exception):
    """Nobody has taken the request: asking on another way can't make it happen twice."""


class DirectTransport:
    """Asks services at their addresses; thread-safe, and nothing connects before the first call.

    On http.client, whose connections cost half as much per request as those of urllib3 (0.19 against 0.46 ms of
    processor time): of a pool, little more is needed than to hand out the one that was used last.
    """

    def __init__(self, urls: str) -> None:
        self._template = urls if "{service}" in urls else ""
        pairs = [] if self._template else [pair.partition("=") for pair in urls.split(",") if pair]
        self._urls = {name.strip(): url.strip() for name, _, url in pairs}
        self._unused: dict[str, LifoQueue[tuple[HTTPConnection, float]]] = defaultdict(LifoQueue)

    def knows(self, service: str) -> bool:
        """Whether there is an address of this service."""
        return bool(self._template) or service in self._urls

    def call(self, service: str, method: str, body: bytes, headers: Mapping[str, str], limit: float) -> bytes:
        """The reply's body. `limit` is in seconds.

        Raises NotBegunError, PlutError `unavailable` where the connection was lost on the way (the request may or may not
        have been carried out), `deadline-exceeded`.
        """
        connection, opened = self._connection(service, limit)
        try:
            connection.request("POST", f"/{method}", body, headers)
            answer = connection.getresponse()
            reply = answer.read()
        except TimeoutError:
            connection.close()
            raise too_late(service, limit) from None
        except (HTTPException, OSError):
            connection.close()
            raise unavailable(service) from None
        if answer.will_close or time.monotonic() - opened > LIFETIME:
            connection.close()
        else:
            self._unused[service].put((connection, opened))
        if answer.status == STOPPING:
            raise NotBegunError(f"{service} is stopping")
        return reply

    def close(self) -> None:
        """Close the connections that aren't in use."""
        for unused in self._unused.values():
            while not unused.empty():
                unused.get_nowait()[0].close()

    def _connection(self, service: str, limit: float) -> tuple[HTTPConnection, float]:
        """The connection that was used last, or a new one, and when it was opened; no read takes longer than `limit`."""
        while True:
            try:
                connection, opened = self._unused[service].get_nowait()
            except Empty:
                break
            if _is_open(connection.sock):
                connection.sock.settimeout(limit)
                return connection, opened
            connection.close()
        address = urlsplit(self._template.replace("{service}", service) or self._urls[service])
        kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
        connection = kind(address.hostname or "", address.port, timeout=min(_CONNECT, limit))
        try:
            connection.connect()
        except OSError as error:
            raise NotBegunError(str(error)) from None
        connection.sock.settimeout(limit)
        return connection, time.monotonic()


def _is_open(connection: socket.socket) -> bool:
    """Whether the other side has neither closed an unused connection nor said anything unasked."""
    connection.settimeout(0)
    try:
        connection.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
