"""What is on record: who did or saw what. For those who answer for a unit."""

from __future__ import annotations

from marshmallow import fields

from contracts.api.fields import Reply, Request, limit, listing, moment, text, unit, uuid
from contracts.api.operations.selecting import since, until


class ListAudit(Request):
    """What was done or seen, newest first. All conditions that are given must hold."""

    unit = unit("In this unit and those below it: 21 a province with its cities, 21.71 a city.")
    account = text("By this account, or on its behalf.", "0197f0a2-5b7e-7c3d-9a41-3f2d8c1e6b90", most=80)
    action = text("Acts of this name, or of names that begin so: `enterprise`, `nik.revealed`.", "enterprise", most=80)
    subject = text("About this: an enterprise, an import, an account.", "0197f0a2-5b7e-7c3d-9a41-3f2d8c1e6b90", most=80)
    correlation_id = text("Caused by this request.", most=80)
    since = since("Done")
    until = until("Done")
    cursor = uuid("`next` of the page before.", load_default=None)
    limit = limit()


class ListActsOnBehalf(Request):
    """What was done or seen for an owner under one assistance, newest first: for the two, and for who answers for the unit."""

    owner = uuid("For whom.", required=True)
    purpose = text(
        "What for: the assistance.", "assistance:0197f0a2-5b7e-7c3d-9a41-3f2d8c1e6b90", most=80, required=True
    )
    cursor = uuid("`next` of the page before.", load_default=None)
    limit = limit()


class AuditEntry(Reply):
    """One act, or one look."""

    id = uuid("The entry.")
    at = moment("When.")
    account = text("Who.")
    on_behalf_of = text("For whom, where somebody acted for another.", allow_none=True)
    action = text("What: `enterprise.updated`.", "enterprise.updated")
    subject = text("About what.", allow_none=True)
    unit = text("In which unit.", "21.71", allow_none=True)
    purpose = text("What for, where that was asked.", allow_none=True)
    correlation_id = text("The request that caused it.", allow_none=True)
    detail = fields.Raw(allow_none=True, metadata={"description": "More about it, without personal data."})


class RecordEntry(AuditEntry):
    """One act, or one look, and where it happened."""

    service = text("A service, or the gateway for accounts.", "registry")


class RecordPage(Reply):
    """A page of what is on record in all services."""

    items = listing(RecordEntry, "Newest first.")
    next = uuid("`cursor` of the next page; null on the last.", allow_none=True)
    missing = fields.List(
        fields.String(), metadata={"description": "Services that did not answer: their acts are not among these."}
    )


class AuditPage(Reply):
    """A page of what is on record."""

    items = listing(AuditEntry, "Newest first.")
    next = uuid("`cursor` of the next page; null on the last.", allow_none=True)
