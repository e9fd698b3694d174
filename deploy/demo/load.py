"""Fills a platform that has just started: accounts, regions, units, a small list of invented businesses.

What has been loaded is noted in `.plut/demo.json`, so a later start costs nothing; everything goes through the HTTP API
as a user's would.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chassis.key_files import write_private
from deploy.client import PlatformClient, ProblemError, UnreachableError
from deploy.demo import regions
from deploy.demo.operator import make_operator
from deploy.demo.units import UNITS, unit_body
from deploy.local.stack import LocalStack
from deploy.processes import ROOT

SAMPLE = ROOT / "tests" / "data" / "sample-umkm-300.xlsx"
SAMPLE_UNIT = "21.71"
FINISHED = frozenset({"completed", "preview", "failed", "stopped", "succeeded"})

Say = Callable[[str], None]


class DemoError(Exception):
    """Parts of the demo are missing; the text says which and why."""


def load(stack: LocalStack, say: Say, done: Say) -> None:
    """Load what isn't there yet. Raises DemoError after having tried every part; a later start tries again."""
    say("Demo")
    operator = make_operator(stack, demo=True)
    client = PlatformClient(stack.ports.url("gateway"), operator["token"])
    parts = [
        ("units", _digest(repr(UNITS).encode()), lambda: _units(client)),
        ("regions", regions.version(), lambda: _regions(client, stack.layout.state / "node")),
        ("businesses", _digest(SAMPLE.read_bytes()), lambda: _sample(client)),
    ]
    loaded = _Loaded(stack.layout.demo)
    missing = []
    for name, version, action in parts:
        try:
            loaded.once(name, version, action, done)
        except (ProblemError, UnreachableError, DemoError) as error:
            missing.append(f"{name}: {error}")
    if missing:
        raise DemoError("\n".join(missing))


class _Loaded:
    """What has been loaded, and in which version."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}

    def once(self, name: str, version: str, action: Callable[[], str], done: Say) -> None:
        if self._known.get(name) == version:
            return
        began = time.monotonic()
        what = action()
        self._known[name] = version
        write_private(self._file, json.dumps(self._known, indent=1))
        done(f"{what} ({time.monotonic() - began:.1f} s)")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _regions(client: PlatformClient, folder: Path) -> str:
    try:
        file = regions.fetch(folder)
    except regions.RegionsError as error:
        raise DemoError(str(error)) from None
    job = client.upload("/registry/reference", file, kind="regions")
    _succeed(client.watch(f"/registry/jobs/{job['id']}", FINISHED))
    return "regions"


def _units(client: PlatformClient) -> str:
    for unit in UNITS:
        client.put(f"/registry/units/{unit['code']}", unit_body(unit))
    return f"{len(UNITS)} units"


def _sample(client: PlatformClient) -> str:
    begun = client.upload("/registry/imports", SAMPLE, unit=SAMPLE_UNIT, commit="true")
    ended = _succeed(client.watch(f"/registry/imports/{begun['id']}", FINISHED))
    return f"{ended['outcomes']['new']} businesses"


def _succeed(ended: dict[str, Any]) -> dict[str, Any]:
    if ended["state"] not in {"completed", "succeeded"}:
        raise DemoError(f"ended as {ended['state']}: {ended.get('error')}")
    return ended
