"""What an owner asks about the own enterprises, alone or with somebody's help. `how` follows from which of the two it is."""

from __future__ import annotations

from contracts.api.fields import (
    PURPOSES,
    Page,
    Reply,
    Request,
    choice,
    cursor,
    limit,
    listing,
    moment,
    text,
    truth,
    unit,
    uuid,
)
from contracts.api.registry.enterprise_views import EnterpriseHit
from contracts.api.registry.person_requests import PersonRequestView


class ListMyEnterprises(Request):
    """Your own enterprises, by name."""


class MyEnterprises(Reply):
    """An owner's enterprises."""

    items = listing(EnterpriseHit, "By name.")


class GetMyEnterprise(Request):
    """Read one of your own enterprises; the NIK is masked."""

    id = uuid("The enterprise.", required=True)


class ListMyConsents(Request):
    """What you have allowed for one of your enterprises, also what you have taken back."""

    enterprise = uuid("The enterprise.", required=True)


class GiveMyConsent(Request):
    """Allow a purpose for one of your enterprises (UU 27/2022)."""

    enterprise = uuid("The enterprise.", required=True)
    purpose = choice(PURPOSES, "What is allowed: service, sharing with a partner, publication.", required=True)
    partner = text("The partner, where the purpose is sharing.", "bank-riau-kepri", most=80, allow_none=True)


class WithdrawMyConsent(Request):
    """Take back what you have allowed."""

    id = uuid("The consent.", required=True)


class ListMyLooks(Request):
    """Who has looked at your data, newest first: from which unit, at what, and what for."""

    enterprise = uuid("Only at this one.", load_default=None)
    cursor = cursor()
    limit = limit()


class RequestMyExport(Request):
    """Ask for everything that is known about you, in all services. It is there within 72 hours, mostly at once."""

    enterprise = uuid("One of your enterprises.", required=True)


class ListMyRequests(Request):
    """What you have asked about your own data, or an office for you."""


class GetMyFile(Request):
    """Everything that is known about you, as a ZIP: a page to read and a JSON file per service."""

    id = uuid("The request.", required=True)


class MyRequests(Reply):
    """An owner's requests."""

    items = listing(PersonRequestView, "Newest first.")


class Look(Reply):
    """Somebody has looked at an enterprise."""

    id = uuid("The entry.")
    at = moment("When.")
    enterprise = uuid("At which enterprise.")
    what = choice(
        ("record", "history", "nik", "data"),
        "At what: the whole record, what became of it, the NIK in full, everything that all services know of you.",
    )
    unit = unit("The unit that the enterprise belonged to.")
    unit_name = text("Its name.", "PLUT Kota Batam", allow_none=True)
    purpose = text("What for, where that was asked.", "Pengajuan P-IRT", most=300, allow_none=True)
    for_you = truth("Somebody looked on your behalf, in assisted mode.")


class LookPage(Page):
    """One page of looks, newest first."""

    items = listing(Look, "Looks, newest first.")
