"""What notifications does when an event arrives. All in bulk: an import of a city comes as tens of thousands of events."""

from __future__ import annotations

from chassis import personal_data
from chassis.subscriptions import subscribe
from chassis.unit_of_work import UnitOfWork
from contracts.events import Envelope
from contracts.gateway import AccountDeleted
from contracts.registry import (
    ConsentGiven,
    ConsentWithdrawn,
    EnterpriseAdvanced,
    EnterpriseErased,
    EnterpriseMerged,
    EnterpriseRegistered,
    EnterpriseRemoved,
    EnterpriseTransferred,
    EnterpriseUnmerged,
    EnterpriseUpdated,
    ImportCompleted,
    PersonDataRequested,
    PersonRequestCompleted,
    PersonRequestDue,
)
from services.notifications.use_cases.erase_person import forget_accounts, forget_people
from services.notifications.use_cases.keep_recipients import keep_consents, keep_contacts, keep_states, keep_units
from services.notifications.use_cases.warn_former_addresses import warn_former_addresses
from services.notifications.use_cases.write_messages import write_messages


@subscribe(EnterpriseRegistered, bulk=True)
def welcome(uow: UnitOfWork, envelopes: list[Envelope[EnterpriseRegistered]]) -> None:
    """Know whom to reach; welcome those whom a person registered."""
    keep_contacts(uow=uow, envelopes=envelopes)
    write_messages(uow=uow, envelopes=envelopes)


@subscribe(EnterpriseUpdated, bulk=True)
def tell_of_change(uow: UnitOfWork, envelopes: list[Envelope[EnterpriseUpdated]]) -> None:
    """Know the new addresses; tell owners what was changed about them, at the former address, too."""
    warn_former_addresses(uow=uow, envelopes=envelopes)
    keep_contacts(uow=uow, envelopes=envelopes)
    write_messages(uow=uow, envelopes=envelopes)


@subscribe(EnterpriseAdvanced, bulk=True)
def congratulate(uow: UnitOfWork, envelopes: list[Envelope[EnterpriseAdvanced]]) -> None:
    """Naik kelas: congratulate the owner, and tell the unit."""
    write_messages(uow=uow, envelopes=envelopes)


@subscribe(EnterpriseMerged, bulk=True)
def tell_of_merge(uow: UnitOfWork, envelopes: list[Envelope[EnterpriseMerged]]) -> None:
    """Tell the owner that two records are one now."""
    keep_states(uow=uow, envelopes=envelopes, state="merged")
    write_messages(uow=uow, envelopes=envelopes)


@subscribe(EnterpriseUnmerged, bulk=True)
def tell_of_unmerge(uow: UnitOfWork, envelopes: list[Envelope[EnterpriseUnmerged]]) -> None:
    """Tell the owner that they are two again."""
    keep_states(uow=uow, envelopes=envelopes, state="active")
    write_messages(uow=uow, envelopes=envelopes)


@subscribe(EnterpriseTransferred, bulk=True)
def tell_of_transfer(uow: UnitOfWork, envelopes: list[Envelope[EnterpriseTransferred]]) -> None:
    """Tell the owner, and both units."""
    keep_units(uow=uow, envelopes=envelopes)
    write_messages(uow=uow, envelopes=envelopes)


@subscribe(EnterpriseRemoved, bulk=True)
def forget(uow: UnitOfWork, envelopes: list[Envelope[EnterpriseRemoved]]) -> None:
    """Forget whom to reach; what waits for them is not sent."""
    keep_states(uow=uow, envelopes=envelopes, state="removed")


@subscribe(EnterpriseErased, bulk=True)
def forget_for_good(uow: UnitOfWork, envelopes: list[Envelope[EnterpriseErased]]) -> None:
    """The owner had it destroyed: forget whom to reach, whatever older events still come."""
    forget_people(uow, [envelope.data.enterprise for envelope in envelopes])
    keep_states(uow=uow, envelopes=envelopes, state="removed")


@subscribe(AccountDeleted, bulk=True)
def forget_account(uow: UnitOfWork, envelopes: list[Envelope[AccountDeleted]]) -> None:
    """Forget an account's inbox, and where it wanted copies."""
    forget_accounts(uow, [envelope.data.account for envelope in envelopes])


@subscribe(PersonDataRequested)
def answer_person(uow: UnitOfWork, envelope: Envelope[PersonDataRequested]) -> None:
    """Addresses, and what was sent to them, are a person's data."""
    personal_data.take(uow, envelope)


@subscribe(PersonRequestDue, bulk=True)
def warn_of_deadline(uow: UnitOfWork, envelopes: list[Envelope[PersonRequestDue]]) -> None:
    """Tell the unit that a person waits for an answer."""
    write_messages(uow=uow, envelopes=envelopes)


@subscribe(PersonRequestCompleted, bulk=True)
def tell_of_answer(uow: UnitOfWork, envelopes: list[Envelope[PersonRequestCompleted]]) -> None:
    """Tell the unit that a person can be answered."""
    write_messages(uow=uow, envelopes=envelopes)


@subscribe(ConsentGiven, bulk=True)
def write_again(uow: UnitOfWork, envelopes: list[Envelope[ConsentGiven]]) -> None:
    """Owners who allow it (again) are written to."""
    keep_consents(uow=uow, envelopes=envelopes, given=True)


@subscribe(ConsentWithdrawn, bulk=True)
def write_no_more(uow: UnitOfWork, envelopes: list[Envelope[ConsentWithdrawn]]) -> None:
    """Owners who took their consent back are not written to any more."""
    keep_consents(uow=uow, envelopes=envelopes, given=False)


@subscribe(ImportCompleted, bulk=True)
def report_import(uow: UnitOfWork, envelopes: list[Envelope[ImportCompleted]]) -> None:
    """Tell who started it what came of it."""
    write_messages(uow=uow, envelopes=envelopes)
