"""The registry's long work, carried out by the worker process."""

from __future__ import annotations

from typing import Any

from chassis.jobs import Work, job
from services.registry.use_cases.run_import import run_import


@job("import-enterprises")
def import_enterprises(work: Work) -> dict[str, Any]:
    """Read an import's file, and take its rows in where that was asked for."""
    return run_import(work=work)
