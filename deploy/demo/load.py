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

from deploy.client import PlatformClient, ProblemError, UnreachableError
from deploy.demo import regions
from deploy.demo.operator import make_operator
from deploy.demo.units import UNITS, unit_body
from deploy.local.secrets import write_private
from deploy.local.stack import LocalStack, StackError
from deploy.processes import ROOT

SAMPLE = ROOT / "tests" / "data" / "sample-umkm-300.xlsx"
SAMPLE_UNIT = "21.71"
FINISHED = frozenset({"completed", "preview", "failed", "stopped", "succeeded"})

Say = Callable[[str], None]


def load(stack: LocalStack, say: Say, done: Say) -> None:
    """Load what isn't there yet; raises StackError that says what could not be loaded."""
    say("Demo")
    operator = make_operator(stack, demo=True)
    client = PlatformClient(stack.ports.url("gateway"), operator["token"])
    loaded = _Loaded(stack.layout.demo)
    try:
        loaded.once("regions", regions.version(), lambda: _regions(client, stack.layout.state / "node"), done)
        loaded.once("units", _digest(repr(UNITS).encode()), lambda: _units(client), done)
        if SAMPLE.exists():
            loaded.once("businesses", _digest(SAMPLE.read_bytes()), lambda: _sample(client), done)
    except (ProblemError, UnreachableError) as error:
        raise StackError(f"the demo could not be loaded: {error}") from None


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
    job = client.upload("/registry/reference", regions.fetch(folder), kind="regions")
    _succeed(client.watch(f"/registry/jobs/{job['id']}", FINISHED), "regions")
    return "regions"


def _units(client: PlatformClient) -> str:
    for unit in UNITS:
        client.put(f"/registry/units/{unit['code']}", unit_body(unit))
    return f"{len(UNITS)} units"


def _sample(client: PlatformClient) -> str:
    begun = client.upload("/registry/imports", SAMPLE, unit=SAMPLE_UNIT, commit="true")
    ended = _succeed(client.watch(f"/registry/imports/{begun['id']}", FINISHED), "businesses")
    return f"{ended['outcomes']['new']} businesses"


def _succeed(ended: dict[str, Any], what: str) -> dict[str, Any]:
    if ended["state"] not in {"completed", "succeeded"}:
        raise StackError(f"loading the {what} ended as {ended['state']}: {ended.get('error')}")
    return ended
