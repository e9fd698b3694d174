"""Who takes part: how each is started, and which queue it reads."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.processes import ROOT
from tests.bench.events.environment import FOLDER, program

HERE = "tests.bench.events.contenders"


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to take events in.

    `publisher(file)` is the command line of a process that publishes the events of a file and prints its figures; ours have
    none: their publisher is the relay.
    """

    name: str
    queue: str
    consumer: list[str]
    service: str = "bench"
    publisher: Callable[[Path], list[str]] | None = None

    @property
    def is_ours(self) -> bool:
        """Whether the chassis carries it."""
        return self.service != "bench"

    @property
    def is_foreign(self) -> bool:
        """Whether it needs the contenders' environment."""
        return self.consumer[0].startswith(str(FOLDER))


def contenders() -> list[Contender]:
    """All, in the order in which they are measured; needs the contenders' environment."""
    celery = ["worker", "--loglevel=warning", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [
        _ours("setwise"),
        _ours("each"),
        Contender(
            "nameko",
            "evt-registrar-enterprise-registered--businesses.list_business",
            [program("nameko", own=True), "run", "--config", _path("nameko.yaml"), f"{HERE}.nameko_consumer"],
            publisher=lambda file: [sys.executable, "-m", f"{HERE}.nameko_publisher", str(file)],
        ),
        Contender(
            "faststream",
            "businesses.enterprise-registered",
            [program("faststream"), "run", "--log-level", "warning", f"{HERE}.faststream_consumer:app"],
            publisher=lambda file: [program("python"), "-m", f"{HERE}.faststream_publisher", str(file)],
        ),
        Contender(
            "celery",
            "businesses",
            [program("celery"), "--app", f"{HERE}.celery_app", *celery, "--concurrency=4"],
            publisher=lambda file: [program("python"), "-m", f"{HERE}.celery_publisher", str(file)],
        ),
        Contender(
            "floor",
            "floor.enterprise-registered",
            [sys.executable, "-m", f"{HERE}.floor_consumer"],
            publisher=lambda file: [sys.executable, "-m", f"{HERE}.floor_publisher", str(file)],
        ),
    ]


def _ours(service: str) -> Contender:
    command = [sys.executable, "-m", "chassis.runtime", service, "--only", "events"]
    return Contender(service, f"{service}.enterprise-registered", command, service)


def _path(name: str) -> str:
    return str(ROOT / "tests" / "bench" / "events" / "contenders" / name)
