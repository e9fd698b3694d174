"""Files that nobody needs go by the clock; those that an import or a reference load stands on stay."""

from __future__ import annotations

import io
import os
import time
from typing import Any

import pytest

from chassis.jobs import clockwork_in
from chassis.unit_of_work import UnitOfWork
from contracts.access import SYSTEM
from contracts.api import registry as api
from services.registry import jobs
from services.registry.use_cases.load_reference import start_load
from services.registry.use_cases.start_import import start_import
from tests.service.registry.registry import Registry

HOUR = 3_600.0


def put(registry: Registry, key: str, hours: float) -> str:
    """A file of some age."""
    files = registry.files
    files.put(key, io.BytesIO(b"nama\n"))
    path = files.local_path(key)
    assert path is not None
    then = time.time() - hours * HOUR
    os.utime(path, (then, then))
    return key


def test_what_nobody_needs_goes(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUT_FILES_URL", registry.corner.environment["PLUT_FILES_URL"])
    kept = {
        put(registry, "registry/uploads/imported", 900),
        put(registry, "registry/uploads/loaded", 900),
        put(registry, "registry/uploads/fresh", 23),
        put(registry, "registry/exports/fresh.csv", 24 * 2 - 1),
        put(registry, "registry/reports/old.csv", 9_000),
        put(registry, "notifications/persons/fresh", 24 * 7 - 1),
    }
    gone = {
        put(registry, "registry/uploads/forgotten", 25),
        put(registry, "registry/exports/old.csv", 24 * 2 + 1),
        put(registry, "notifications/persons/old", 24 * 7 + 1),
        put(registry, "registry/handed-over/left.zip", 25),
    }
    file: dict[str, Any] = {"file": "registry/uploads/imported", "name": "a.csv", "sha256": "0" * 64}
    registry.call(api.StartImport, start_import, unit="21.71", **file)
    registry.call(api.LoadReference, start_load, scope="", kind="kbli", file="registry/uploads/loaded")
    (prune,) = [work for work in clockwork_in(jobs) if work.name == "prune-files"]
    with UnitOfWork(registry.database, SYSTEM) as uow:
        prune.function(uow)
    folders = {key.rpartition("/")[0] for key in kept | gone}
    there = {key for folder in folders for key, _ in registry.files.list(folder)}
    assert there >= kept
    assert not there & gone
