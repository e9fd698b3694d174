"""A process of the platform whose own filters by scope are switched off: only the database keeps units apart.

`python -m tests.service.matrix.unfiltered chassis.runtime registry`
"""

from __future__ import annotations

import runpy
import sys
from typing import Any

from sqlalchemy import true

from chassis import scope, unit_of_work
from chassis.services import load


def _everything(*_: Any) -> Any:
    return true()


def switch_off(service: str) -> None:
    """Let every query of the service ask for all units' rows, and every write think that it may."""
    scope.in_scope = _everything
    unit_of_work.UnitOfWork.require_scope = lambda *_: None  # type: ignore[method-assign]
    if service == "registry":
        if load("registry", "queries.enterprises") is None or load("registry", "queries.search_enterprises") is None:
            raise SystemExit("the registry's queries have moved: switch their filters off where they are now")
        enterprises = sys.modules["services.registry.queries.enterprises"]
        searching = sys.modules["services.registry.queries.search_enterprises"]
        enterprises.contains = lambda *_: True  # type: ignore[attr-defined]
        searching.scope_sql = lambda *_: ("", ())  # type: ignore[attr-defined]
        # before a use case takes it from there
        if load("registry", "queries.my") is None:
            raise SystemExit("an owner's queries have moved: switch their filter off where it is now")
        sys.modules["services.registry.queries.my"].theirs = _everything  # type: ignore[attr-defined]


if __name__ == "__main__":
    module, name = sys.argv[1:]
    if module == "chassis.runtime":
        import chassis.runtime  # noqa: F401 - patches the process, so it comes before everything else of ours
    switch_off(name)
    sys.argv = [module, name]
    runpy.run_module(module, run_name="__main__", alter_sys=False)
