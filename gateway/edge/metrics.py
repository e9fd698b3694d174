"""Prometheus metrics of the gateway, over all its worker processes."""

from __future__ import annotations

import os
import time
from typing import Final

from flask import Flask, Response, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Histogram,
    generate_latest,
    multiprocess,
)

#: Set by gunicorn_conf before anything imports prometheus_client.
FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"

SECONDS: Final = Histogram(
    "plut_http_seconds",
    "Seconds that a request took, by the template of its route.",
    ["method", "route", "status"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15),
)


def register(app: Flask) -> None:
    """Measure every request."""

    @app.after_request
    def measure(response: Response) -> Response:
        # an unknown path is one series, or a scanner would make a thousand
        route = request.url_rule.rule if request.url_rule else "unknown"
        method = request.method if request.method in _METHODS else "other"
        started = g.get("started", time.perf_counter())
        SECONDS.labels(method, route, response.status_code).observe(time.perf_counter() - started)
        return response


def exposition() -> Response:
    """All workers' metrics in Prometheus' text format."""
    registry = REGISTRY
    if FOLDER in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
