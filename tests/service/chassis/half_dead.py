"""A link to the broker that can be frozen: it stays connected, and nothing comes through."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit


class Link:
    """Forwards to the broker of `amqp_url`; `url` is the same by way of this link."""

    def __init__(self, amqp_url: str) -> None:
        parts = urlsplit(amqp_url)
        assert parts.hostname
        assert parts.port
        self._broker = (parts.hostname, parts.port)
        self._flowing = threading.Event()
        self._flowing.set()
        self._sockets: list[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        port = self._server.getsockname()[1]
        self.url = urlunsplit(parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{port}"))
        self.accepted = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def freeze(self) -> None:
        """Let nothing through, in neither direction, of old connections and new ones."""
        self._flowing.clear()

    def thaw(self) -> None:
        """Let everything through that has gathered."""
        self._flowing.set()

    def cut(self) -> None:
        """End all connections at once."""
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End it."""
        self._server.close()
        self.thaw()
        self.cut()
        for each in self._sockets:
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            self.accepted += 1
            broker = socket.create_connection(self._broker)
            self._sockets += [client, broker]
            for source, target in ((client, broker), (broker, client)):
                threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                self._flowing.wait()
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)
