"""The gateway's long work, carried out by the worker process."""

from __future__ import annotations

from typing import Any

from chassis import personal_data
from chassis.jobs import Work, job
from contracts.gateway import PersonDataAnswered
from gateway.identity.personal_data import erase_person, export_person


@job(personal_data.JOB)
def answer_person(work: Work) -> dict[str, Any]:
    """Hand over, or destroy, the account of a person."""
    return personal_data.answer(work, PersonDataAnswered, export=export_person, erase=erase_person)
