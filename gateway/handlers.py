"""What the gateway does when an event arrives (the process `accounts`)."""

from __future__ import annotations

from chassis import personal_data
from chassis.subscriptions import subscribe
from chassis.unit_of_work import UnitOfWork
from contracts.events import Envelope
from contracts.registry import EnterpriseUpdated, PersonDataRequested
from gateway.identity import owners


@subscribe(PersonDataRequested)
def answer_person(uow: UnitOfWork, envelope: Envelope[PersonDataRequested]) -> None:
    """Owners who sign in have accounts."""
    personal_data.take(uow, envelope)


@subscribe(EnterpriseUpdated, bulk=True)
def follow_phones(uow: UnitOfWork, envelopes: list[Envelope[EnterpriseUpdated]]) -> None:
    """Whoever has an owner's former phone is the owner no longer."""
    owners.follow_phones(uow=uow, envelopes=envelopes)
