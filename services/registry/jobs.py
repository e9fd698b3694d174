"""The registry's long work, carried out by the worker process."""

from __future__ import annotations

from typing import Any

from chassis.files import FileStore
from chassis.jobs import Work, every, job
from chassis.settings import Settings
from chassis.unit_of_work import UnitOfWork
from services.registry.use_cases import export_enterprises as exports
from services.registry.use_cases import import_jobs, take_back_rows
from services.registry.use_cases import load_reference as reference
from services.registry.use_cases import rotate_keys as rotation
from services.registry.use_cases.prune_files import prune_files
from services.registry.use_cases.run_import import run_import


@job(import_jobs.JOB)
def import_enterprises(work: Work) -> dict[str, Any]:
    """Read an import's file, and take its rows in where that was asked for."""
    return run_import(work=work)


@job(import_jobs.UNDO_JOB)
def undo_import(work: Work) -> dict[str, Any]:
    """Take an import back."""
    return take_back_rows.undo_import(work=work)


@job(exports.JOB)
def export_enterprises(work: Work) -> dict[str, Any]:
    """Write a search's result into a file."""
    return exports.export_enterprises(work=work)


@job(rotation.JOB)
def rotate_keys(work: Work) -> dict[str, Any]:
    """Replace keys of identity numbers."""
    return rotation.rotate_keys(work=work)


@job(reference.JOB)
def load_reference(work: Work) -> dict[str, Any]:
    """Load regions or classifications."""
    return reference.load_reference(work=work)


@every("23 * * * *", "prune-files")
def prune(uow: UnitOfWork) -> None:
    """Remove uploads that nothing came of, and exports that have been there long enough."""
    prune_files(uow=uow, files=FileStore(Settings.from_environment()))
