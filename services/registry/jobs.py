"""The registry's long work, carried out by the worker process."""

from __future__ import annotations

from typing import Any

from chassis import personal_data
from chassis.files import FileStore
from chassis.jobs import Work, every, job
from chassis.settings import Settings
from chassis.unit_of_work import UnitOfWork
from contracts.registry import PersonDataAnswered
from services.registry.use_cases import export_enterprises as exports
from services.registry.use_cases import import_jobs, take_back_rows
from services.registry.use_cases import load_reference as reference
from services.registry.use_cases import rotate_keys as rotation
from services.registry.use_cases.erase_person import erase_person
from services.registry.use_cases.export_person import export_person
from services.registry.use_cases.prune_files import prune_files
from services.registry.use_cases.run_import import run_import
from services.registry.use_cases.watch_person_requests import watch_person_requests


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


@job(personal_data.JOB)
def answer_person(work: Work) -> dict[str, Any]:
    """Hand over, or destroy, what is known about a person."""
    return personal_data.answer(
        work,
        PersonDataAnswered,
        export=export_person,
        erase=lambda uow, request: erase_person(uow, request, work.files),
    )


@every("*/10 * * * *", "watch-person-requests")
def watch(uow: UnitOfWork) -> None:
    """Say which persons' requests are due."""
    watch_person_requests(uow=uow)


@job(reference.JOB)
def load_reference(work: Work) -> dict[str, Any]:
    """Load regions or classifications."""
    return reference.load_reference(work=work)


@every("23 * * * *", "prune-files")
def prune(uow: UnitOfWork) -> None:
    """Remove uploads that nothing came of, and exports that have been there long enough."""
    prune_files(uow=uow, files=FileStore(Settings.from_environment()))
