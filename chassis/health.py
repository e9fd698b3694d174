"""/healthz, /readyz and /metrics of a process, on a port of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chassis.settings import Settings

Check = Callable[[], bool]


class Health:
    """Serves the health of this process: alive as long as it answers, ready when every check says so.

    Runs in a thread, or in green threads where eventlet has patched threading. A port of 0 turns it off.
    """

    def __init__(self, settings: Settings, checks: Mapping[str, Check]) -> None:
        self._checks = checks
        self._address = (settings.health_host, settings.health_port)
        self._server: ThreadingHTTPServer | None = None

    def state(self) -> dict[str, Any]:
        """`{"ready": bool, "checks": {name: bool}}`; a check that raises has failed."""
        results = {name: _passes(check) for name, check in self._checks.items()}
        return {"ready": all(results.values()), "checks": results}

    def start(self) -> None:
        """Listen, in the background; raises OSError where the port is taken."""
        if not self._address[1]:
            return
        self._server = ThreadingHTTPServer(self._address, self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True, name="health").start()

    def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        health = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 5

            def do_GET(self) -> None:
                match self.path.partition("?")[0]:
                    case "/healthz":
                        self._answer(200, "application/json", b'{"alive":true}')
                    case "/readyz":
                        state = health.state()
                        self._answer(200 if state["ready"] else 503, "application/json", orjson.dumps(state))
                    case "/metrics":
                        self._answer(200, CONTENT_TYPE_LATEST, generate_latest())
                    case _:
                        self._answer(404, "text/plain", b"/healthz, /readyz or /metrics\n")

            def _answer(self, status: int, content_type: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing: probes come every second."""

        return Handler


def _passes(check: Check) -> bool:
    try:
        return check()
    except Exception:  # noqa: BLE001 - a check that raises has failed
        return False
