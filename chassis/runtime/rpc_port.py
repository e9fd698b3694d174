"""Requests on a port of the service's own, so that a broker that is away changes nothing for those who ask."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, Final

import eventlet
from eventlet import wsgi
from eventlet.event import Event
from greenlet import GreenletExit
from nameko.extensions import SharedExtension

from chassis.access import HEADER
from chassis.broker.topology import DEADLINE_HEADER
from chassis.direct import STOPPING
from chassis.runtime.methods import Methods
from chassis.runtime.resources import Resources

#: Bytes of a request, at most; the gateway's own limit is far below.
_MOST: Final = 32 * 2**20
#: Seconds that an unused connection is kept.
_IDLE: Final = 120
_HEADERS: Final = {name: f"HTTP_{name.upper().replace('-', '_')}" for name in (HEADER, DEADLINE_HEADER)}


class DirectCall:
    """One request over HTTP; the green thread that took it waits in `answer`."""

    def __init__(self, body: bytes, headers: Mapping[str, str]) -> None:
        self.body = body
        self.headers = headers
        self._answer = Event()

    def reply(self, body: bytes, *, exchange: str) -> None:  # noqa: ARG002 - the answer goes back where it came from
        """Let the waiting thread have the answer."""
        if not self._answer.ready():
            self._answer.send(body)

    def acknowledge(self) -> None:
        """Let it go without an answer, if there was none."""
        self.reply(b"", exchange="")

    def answer(self) -> bytes:
        """The reply, empty where nobody waits for it any more."""
        return bytes(self._answer.wait())


class RpcPort(SharedExtension):
    """Listens where `PLUT_RPC_PORT` says; replicas on one machine listen there together."""

    methods = Methods()
    resources = Resources()

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._server: Any = None
        self._is_stopping = False

    def start(self) -> None:
        """Serve, in a thread of the container; raises OSError where somebody else has the port."""
        settings = self.resources.settings
        if not settings.rpc_port:
            return
        listener = eventlet.listen((settings.rpc_host, settings.rpc_port), reuse_port=True)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # accepted sockets inherit it
        self._server = self.container.spawn_managed_thread(
            lambda: wsgi.server(listener, self._serve, log_output=False, socket_timeout=_IDLE, debug=False), "rpc port"
        )

    def stop_accepting(self) -> None:
        """Close the port and unused connections; what is asked on others is refused, to be asked elsewhere."""
        if self._server is not None and not self._is_stopping:
            self._is_stopping = True
            eventlet.spawn_n(self._server.kill)

    def stop(self) -> None:
        """Return when all answers have gone out."""
        self.stop_accepting()
        if self._server is not None:
            with suppress(GreenletExit):
                self._server.wait()

    def _serve(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if self._is_stopping:
            return _say(start_response, f"{STOPPING} Stopping", b"")
        if environ["REQUEST_METHOD"] != "POST" or length > _MOST:
            return _say(start_response, "400 Bad Request", b"")
        headers = {name: environ[variable] for name, variable in _HEADERS.items() if variable in environ}
        call = DirectCall(environ["wsgi.input"].read(length), headers)
        self.methods.begin(call, environ["PATH_INFO"].rpartition("/")[2])
        return _say(start_response, "200 OK", call.answer())


def _say(start_response: Callable[..., Any], status: str, body: bytes) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
