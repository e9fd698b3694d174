"""gunicorn for the gateway: worker processes of threads, from the settings alone.

Nothing connects here: the database's pool and the broker's connection are opened by the workers, after the fork.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import socket
import struct
import tempfile
from typing import Any, Final

# prometheus_client reads it when it is first imported, so it is set before anything of ours is
_METRICS: Final = tempfile.mkdtemp(prefix="plut-metrics-")
os.environ["PROMETHEUS_MULTIPROC_DIR"] = _METRICS

from gunicorn import util  # noqa: E402 - see above
from prometheus_client import multiprocess  # noqa: E402 - see above

from chassis import log  # noqa: E402 - see above
from chassis.collector import keep_for_good  # noqa: E402 - see above
from gateway.edge.problems import MEDIA_TYPE  # noqa: E402 - see above
from gateway.edge.statuses import BAD_REQUEST, CODE_OF  # noqa: E402 - see above
from gateway.resources import resources_of  # noqa: E402 - see above
from gateway.settings import GatewaySettings  # noqa: E402 - see above

_settings = GatewaySettings.from_environment()

bind = f"{_settings.http_host}:{_settings.http_port}"
workers = _settings.gateway_workers
worker_class = "gateway.slow_clients.PatientWorker"
threads = _settings.gateway_threads
preload_app = False
# under gthread this is a heartbeat: a request's time is limited by the time-outs of what it waits for
timeout = 30
graceful_timeout = 20
keepalive = 15
# a request line and its headers, at most
limit_request_line = 8190
limit_request_fields = 60
limit_request_field_size = 8190
# one line per request comes from gateway.edge.correlation, without addresses and without the query
accesslog = None
loglevel = _settings.log_level
proc_name = "plut-gateway"
control_socket_disable = True

#: Seconds that a client may take between two pieces of what it sends, and to take what it is sent.
_PATIENCE: Final = struct.pack("ll", 15, 0)


def _refuse(client: Any, status: int, reason: str, _: str) -> None:
    """Answer what can't be read as a request, by the shape of every other refusal; gunicorn's own would be a page."""
    code = CODE_OF.get(status, BAD_REQUEST)
    problem = {"type": f"urn:plut:problem:{code}", "title": reason, "status": status, "detail": f"{reason}."}
    body = json.dumps(problem | {"code": code, "correlation_id": ""}).encode()
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: {MEDIA_TYPE}\r\nContent-Length: {len(body)}"
    )
    util.write_nonblock(client, f"{head}\r\n\r\n".encode("latin1") + body)


def on_starting(server: Any) -> None:
    """Structured logs, as in every other process."""
    log.configure("gateway", _settings.log_level)
    server_log = logging.getLogger("gunicorn.error")
    server_log.handlers[:] = []
    server_log.propagate = True
    del server


def post_worker_init(worker: Any) -> None:
    """Begin with what others have left behind, and give connections a time-out.

    gthread would let a client that stops sending keep its thread for ever.
    Accepted sockets inherit it from the listener. All code is loaded by now.
    """
    keep_for_good()
    util.write_error = _refuse
    resources_of(worker.wsgi).courier.wake()
    for listener in worker.sockets:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _PATIENCE)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _PATIENCE)


def worker_exit(server: Any, worker: Any) -> None:
    """Let the errand under way come to its end."""
    if getattr(worker, "wsgi", None) is not None:
        resources_of(worker.wsgi).courier.close()
    del server


def child_exit(server: Any, worker: Any) -> None:
    """Forget the gauges of a worker that has gone."""
    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
    del server


def on_exit(server: Any) -> None:
    """Remove the metrics' folder."""
    shutil.rmtree(_METRICS, ignore_errors=True)
    del server
