"""Ports on loopback: the usual one where it is free, the next free one otherwise, remembered from start to start."""

from __future__ import annotations

import atexit
import json
import random
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from deploy.processes import PROCESSES, SERVICES

HOST = "127.0.0.1"

USUAL = {
    "gateway": 8080,
    "mail": 8025,
    "smtp": 1025,
    "amqp": 5672,
    "management": 15672,
    "prometheus": 15692,
    "distribution": 25672,
    "epmd": 4370,
    "database": 55432,
    "supervisor": 9011,
    **{f"health-{process.name}": 9100 + n for n, process in enumerate(PROCESSES) if not process.serves_http},
    **{f"rpc-{name}": 9200 + n for n, name in enumerate(SERVICES)},
}

SEEN = ("gateway", "mail", "management")
"""Ports that people type; a change of the others is nobody's business."""


class PortTakenError(Exception):
    """A port that was asked for by number belongs to somebody else."""


@dataclass(slots=True)
class Ports:
    """Port numbers by name; `moved` says which of those that people type are not where they were expected."""

    numbers: dict[str, int]
    moved: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> int:
        return self.numbers[name]

    def url(self, name: str) -> str:
        """Address of something that speaks HTTP."""
        return f"http://{HOST}:{self.numbers[name]}"


def choose(file: Path, gateway: int | None = None) -> Ports:
    """The ports of a stack that isn't running; writes them to `file`.

    `gateway` is a port that was asked for: it is taken or refused (PortTakenError says who has it), never replaced.
    """
    remembered = read(file)
    ports = Ports({})
    if gateway is not None:
        if not is_free(gateway):
            raise PortTakenError(f"port {gateway} is taken{_holder(gateway)}; choose another with --port")
        ports.numbers["gateway"] = gateway
    for name, usual in USUAL.items():
        if name in ports.numbers:
            continue
        wanted = remembered.get(name, usual)
        number = next_free(wanted, ports.numbers.values())
        if number != wanted and name in SEEN:
            ports.moved.append(f"{name}: port {wanted} is taken{_holder(wanted)}, using {number}")
        ports.numbers[name] = number
    file.write_text(json.dumps(ports.numbers, indent=1))
    return ports


def choose_private() -> Ports:
    """Ports for a short-lived stack of the tests, away from those that people expect something on."""
    return Ports({name: reserve() for name in USUAL})


def reserve() -> int:
    """A free port that no other caller of this function is given while this process lives, on this whole machine.

    It lies below the range from which the kernel hands out ports to outgoing connections, so that none of those takes it
    between this choice and its use. Callers are kept apart by a UDP socket of the same number: TCP doesn't mind it, and
    the kernel closes it with the process.
    """
    for _ in range(1000):
        number = random.randrange(20000, 32000)  # noqa: S311 (only to keep two test runs apart)
        guard = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            guard.bind((HOST, number))
        except OSError:
            guard.close()
            continue
        atexit.register(guard.close)
        if is_free(number):
            return number
    raise PortTakenError("no free port between 20000 and 32000")


def read(file: Path) -> dict[str, int]:
    """Remembered ports; empty when there are none or the file is damaged."""
    try:
        found = json.loads(file.read_text())
        return {str(name): int(number) for name, number in found.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def next_free(start: int, used: Iterable[int]) -> int:
    """The first free port from `start` on."""
    taken = set(used)
    for number in range(start, min(start + 2000, 65536)):
        if number not in taken and is_free(number):
            return number
    raise PortTakenError(f"no free port from {start} on")


def is_free(number: int) -> bool:
    """True when a server could listen there now (also right after another one closed)."""
    for host in (HOST, "0.0.0.0"):  # noqa: S104 (a server on all addresses has the port on loopback, too)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, number))
            except OSError:
                return False
    return True


def _holder(number: int) -> str:
    """` by nginx (process 4711)`, or nothing: other users' processes can't be seen."""
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN
            if listens and connection.laddr and connection.laddr.port == number and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        return ""
    return ""
