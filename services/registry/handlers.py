"""What the registry does when an event arrives: its own requests about persons, and what all holders answer to them."""

from __future__ import annotations

from chassis import personal_data
from chassis.subscriptions import subscribe
from chassis.unit_of_work import UnitOfWork
from contracts.events import Envelope
from contracts.personal_data import Answer, answer_types
from contracts.registry import PersonDataRequested
from services.registry.use_cases.take_person_answer import take_person_answer


@subscribe(PersonDataRequested)
def answer_person(uow: UnitOfWork, envelope: Envelope[PersonDataRequested]) -> None:
    """The registry is a holder itself."""
    personal_data.take(uow, envelope)


def take_answer(uow: UnitOfWork, envelope: Envelope[Answer]) -> None:
    """Whoever holds personal data says so by having an event for its answer; all of them are heard."""
    take_person_answer(uow=uow, envelope=envelope)


for _answer in answer_types():
    subscribe(_answer, name=f"person-answer-of-{_answer.service}")(take_answer)
