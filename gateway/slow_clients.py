"""Clients that send a byte now and then: each would have a thread for as long as it likes, and sixteen of them a process.

The time-out of a socket is about the next byte. Here is one about a whole request: its head within seconds, its body at no
less than a poor line's pace. After that nothing more is read from the client, which then is answered 408 or let go.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from gunicorn.workers.gthread import ThreadWorker

#: Seconds for the request line and the headers, and for a body besides what its length takes.
HEAD: Final = 10.0
BODY: Final = 20.0
#: Bytes a second that a body must come with on the whole.
PACE: Final = 32 * 1024
_TICK: Final = 1.0


class SlowClients:
    """Sockets from which a request is being read, and until when; one thread looks after them."""

    def __init__(self) -> None:
        self._until: dict[socket.socket, float] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._watch, name="slow clients", daemon=True).start()

    @contextmanager
    def limited(self, client: socket.socket) -> Iterator[None]:
        """Read a request's head in time, for the length of the block."""
        self.allow(client, HEAD)
        try:
            yield
        finally:
            with self._lock:
                self._until.pop(client, None)

    def allow(self, client: socket.socket, seconds: float) -> None:
        """So long from now."""
        with self._lock:
            self._until[client] = time.monotonic() + seconds

    def _watch(self) -> None:
        while True:
            time.sleep(_TICK)
            now = time.monotonic()
            with self._lock:
                for client in [each for each, until in self._until.items() if until < now]:
                    del self._until[client]
                    # whoever waits for more of it is told that there is none; the answer still goes out
                    with contextlib.suppress(OSError):
                        client.shutdown(socket.SHUT_RD)


class PatientWorker(ThreadWorker):
    """gunicorn's worker of threads, whose patience ends."""

    def init_process(self) -> None:
        """After the fork, as everything that has a thread."""
        self._slow = SlowClients()
        super().init_process()

    def handle(self, conn: Any) -> Any:
        """One request of a connection."""
        with self._slow.limited(conn.sock):
            return super().handle(conn)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """The head is there: its body may take a while longer."""
        length = next((value for name, value in req.headers if name == "CONTENT-LENGTH"), "")
        self._slow.allow(conn.sock, BODY + (int(length) / PACE if length.isdecimal() else 0))
        return super().handle_request(req, conn)
