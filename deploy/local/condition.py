"""How a stack is: processes, events that are unsent, parked or failed, queues."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import requests

from deploy.local import broker, database
from deploy.local.stack import STORES, LocalStack
from deploy.processes import DATABASES, PROCESSES

_UNSENT = "SELECT count(*) FROM plut.outbox WHERE sent_at IS NULL"
_PARKED = "SELECT count(*) FROM plut.outbox WHERE parked_at IS NOT NULL AND sent_at IS NULL"
_FAILED = "SELECT count(*) FROM plut.failed_event WHERE state IN ('waiting', 'dead')"


def condition(stack: LocalStack) -> dict[str, Any]:
    """State of a running stack; counts that can't be read (their store is away) are None."""
    with ThreadPoolExecutor(8) as pool:
        processes = list(pool.map(lambda info: _process(stack, info), stack.supervisor.processes()))
    order = [*STORES, *(process.name for process in PROCESSES)]
    return {
        "running": True,
        "processes": sorted(processes, key=lambda process: _place(order, process["name"])),
        "outbox_unsent": _count(stack, _UNSENT),
        "parked_events": _count(stack, _PARKED),
        "failed_events": _count(stack, _FAILED),
        "queues": _queues(stack),
        "addresses": {name: stack.ports.url(name) for name in ("gateway", "mail", "management")},
    }


def _place(order: list[str], name: str) -> int:
    # a process that the list no longer has may still run, after a checkout under a running platform
    return order.index(name) if name in order else len(order)


def not_running() -> dict[str, Any]:
    """The same shape when nothing runs."""
    names = [*STORES, *(process.name for process in PROCESSES)]
    stopped = {"ready": False, "state": "stopped", "pid": None, "uptime": None}
    return {
        "running": False,
        "processes": [{"name": name, **stopped} for name in names],
        "outbox_unsent": None,
        "parked_events": None,
        "failed_events": None,
        "queues": [],
        "addresses": {},
    }


def _process(stack: LocalStack, info: dict[str, Any]) -> dict[str, Any]:
    runs = info["statename"] in {"RUNNING", "STARTING"}
    return {
        "name": info["name"],
        "ready": runs and _is_ready(stack, info["name"]),
        "state": info["statename"].lower(),
        "pid": info["pid"] or None,
        "uptime": info["now"] - info["start"] if runs else None,
    }


def _is_ready(stack: LocalStack, name: str) -> bool:
    if name == "database":
        return database.answers(stack.ports, stack.passwords)
    if name in {"broker", "epmd"}:
        return broker.answers(stack.ports, stack.passwords)
    return stack.is_ready(name)


def _count(stack: LocalStack, query: str) -> int | None:
    total = 0
    try:
        for name in DATABASES:
            url = database.owner_url(stack.ports, stack.passwords).replace("{service}", name)
            with psycopg.connect(url, connect_timeout=3) as connection:
                row = connection.execute(query).fetchone()
                total += row[0] if row else 0
    except psycopg.errors.UndefinedTable:
        return None  # not migrated yet
    except psycopg.Error:
        return None
    return total


def _queues(stack: LocalStack) -> list[dict[str, Any]]:
    try:
        reply = requests.get(f"{broker.management_url(stack.ports, stack.passwords)}/api/queues", timeout=5)
        reply.raise_for_status()
    except requests.RequestException:
        return []
    return [
        {"name": queue["name"], "messages": queue.get("messages", 0), "consumers": queue.get("consumers", 0)}
        for queue in sorted(reply.json(), key=lambda queue: queue["name"])
    ]
