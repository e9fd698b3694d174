"""Whoever keeps something about persons answers when one asks for it, or for its end."""

from __future__ import annotations

from typing import get_type_hints

import pytest

from chassis import personal_data
from chassis.jobs import jobs_in
from chassis.services import load
from chassis.subscriptions import subscriptions_in
from contracts import catalogue
from contracts.events import Event
from contracts.personal_data import PERSONAL_FIELDS, answer_types, holders
from contracts.registry import Contact, PersonDataRequested
from deploy.processes import SERVICES


def says_who(event_type: type[Event]) -> bool:
    return any(Contact in (hint, *getattr(hint, "__args__", ())) for hint in get_type_hints(event_type).values())


def test_every_field_with_a_contact_is_cleared_by_an_erasure() -> None:
    found = {
        name
        for event_type in catalogue.event_types()
        for name, hint in get_type_hints(event_type).items()
        if Contact in (hint, *getattr(hint, "__args__", ()))
    }
    assert found
    assert found <= PERSONAL_FIELDS.keys()


@pytest.mark.parametrize("service", SERVICES)
def test_who_hears_whom_to_reach_is_a_holder(service: str) -> None:
    heard = [each.event_type for each in subscriptions_in(load(service, "handlers"))]
    if any(map(says_who, heard)):
        assert service in holders(), f"{service} needs a subclass of Answer in contracts/{service}.py"


@pytest.mark.parametrize("service", holders())
def test_a_holder_hears_of_requests_and_has_a_job_that_answers(service: str) -> None:
    assert service in SERVICES
    heard = {each.event_type for each in subscriptions_in(load(service, "handlers"))}
    assert PersonDataRequested in heard, f"{service}/handlers.py needs a handler that calls personal_data.take"
    assert personal_data.JOB in jobs_in(load(service, "jobs")), (
        f"{service}/jobs.py needs a job that calls personal_data.answer"
    )


def test_the_registry_hears_every_holders_answer() -> None:
    heard = {each.event_type for each in subscriptions_in(load("registry", "handlers"))}
    assert set(answer_types()) <= heard
