"""What operators select events by: all conditions that are given must hold."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from contracts.api.fields import Request, moment, text, unit, uuid, yes

#: Ids that one request may name.
MOST_IDS = 1_000


def event_type(**kw: Any) -> fields.String:
    """An event type."""
    return text("Event type.", "id.plut.registry.enterprise-registered.v1", **kw)


def subscription(**kw: Any) -> fields.String:
    """A subscription, which is called like its queue."""
    return text("Subscription.", "notifications.enterprise-registered", **kw)


class Selection(Request):
    """What all lists of events are selected by."""

    type = event_type()
    unit = unit("Of this unit and those below it: 21 a province with its cities, 21.71 a city.")


class ByIds(Request):
    """What is changed by ids or by conditions."""

    ids = fields.List(
        uuid("One of them."), load_default=list, metadata={"description": f"These ones, at most {MOST_IDS}."},
        validate=validate.Length(max=MOST_IDS),
    )  # fmt: skip
    dry_run = yes("Only say how many these are, and change nothing.")


def since(what: str, **kw: Any) -> fields.AwareDateTime:
    """Where a window begins."""
    return moment(f"{what} at or after this moment.", **kw)


def until(what: str, **kw: Any) -> fields.AwareDateTime:
    """Where a window ends."""
    return moment(f"{what} before this moment.", **kw)


def reason(**kw: Any) -> fields.String:
    """Why something is given up."""
    return text("Why it is given up; kept with it. No personal data.", "Wrong region code, corrected by hand.", most=500,
                **kw)  # fmt: skip
