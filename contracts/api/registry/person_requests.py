"""Requests and replies about a person's own data: it is handed over, or what identifies is destroyed (UU 27/2022)."""

from __future__ import annotations

from marshmallow import fields

from contracts.api.fields import (
    HOW,
    Reply,
    Request,
    choice,
    cursor,
    limit,
    listing,
    moment,
    prose,
    text,
    truth,
    unit,
    uuid,
    whole,
    yes,
)
from contracts.personal_data import KINDS

STATES = ("open", "ready", "closed")


class RequestPersonExport(Request):
    """The owner asks for everything that is known about them. All services are asked; due within 72 hours."""

    enterprise = uuid("One of the owner's enterprises.", required=True)
    how = choice(HOW, "How the owner asked.", load_default="paper")
    requested_at = moment("When the owner asked: the deadline runs from then. Now when not given.")


class RequestPersonErasure(RequestPersonExport):
    """The owner asks that what identifies them be destroyed, everywhere; the figures stay. It can't be undone."""

    confirm = text(
        "The name of the owner as it is on record, typed by you: nothing brings back what is destroyed.",
        "Siti Aminah",
        required=True,
    )


class ListPersonRequests(Request):
    """Requests of persons about their own data, newest first."""

    unit = unit("In this unit and those below it.")
    state = choice(STATES, "Only those that are so.")
    kind = choice(KINDS, "Only of this kind.")
    overdue = yes("Only those whose deadline has passed before they were settled.")
    cursor = cursor()
    limit = limit()


class GetPersonRequest(Request):
    """Read one request of a person."""

    id = uuid("The request.", required=True)


class GetPersonFile(Request):
    """Hand over what an export has found: a ZIP with a page to read and a JSON file per service.

    It holds identity numbers in full. That you took it is on record, and settles the request.
    """

    id = uuid("The request.", required=True)
    purpose = prose("What for.", "Diserahkan kepada pemilik", least=5, most=200, load_default="handed to the person")


class PersonAnswerView(Reply):
    """What one service has answered."""

    service = text("The service.", "registry")
    records = whole("How many records were handed over, or destroyed.", 12)
    at = moment("When.")


class PersonRequestView(Reply):
    """One request of a person."""

    id = uuid("The request.")
    unit = unit()
    kind = choice(KINDS, "What the person asked for.")
    state = choice(STATES, "open: services are still answering; ready: can be handed over; closed: settled.")
    enterprise = uuid("The enterprise that it was asked about.")
    enterprises = fields.List(fields.UUID(), metadata={"description": "All of the person's enterprises in the unit."})
    elsewhere = fields.List(
        fields.String(),
        metadata={"description": "Units within your reach that know the person, too: ask there separately."},
    )
    how = choice(HOW, "How the person asked.")
    requested_at = moment("When the person asked.")
    due_at = moment("Until when the person is to be answered (UU 27/2022: 72 hours).")
    overdue = truth("Whether that has passed without the request being settled.")
    missing = fields.List(fields.String(), metadata={"description": "Services that have not answered yet."})
    answers = listing(PersonAnswerView, "What services have answered.")
    completed_at = moment("When the last service answered.", allow_none=True)
    closed_at = moment("When the data was handed over, or destroyed everywhere.", allow_none=True)
    version = whole("Raised by every change.", 1)


class PersonRequestPage(Reply):
    """A page of requests."""

    items = listing(PersonRequestView, "Requests, newest first.")
    next = text("`cursor` of the next page; null on the last.", allow_none=True)
