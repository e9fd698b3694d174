"""Assisted mode: somebody of an office acts for an owner."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import Schema, fields, validate

from contracts.api.fields import prose
from gateway.api.schemas.parts import Strict, moment, text

HOW: Final = ("in-person", "telephone", "writing")
ENDED_BY: Final = ("helper", "owner", "head", "time")
_LIMIT: Final = 200


def _id(description: str, **more: Any) -> fields.UUID:
    return fields.UUID(metadata={"description": description, "example": "0197f0a2-5b7e-7c3d-9a41-3f2d8c1e6b90"}, **more)


class BeginAssistance(Strict):
    """Act for an owner of your unit from now on, who has allowed it before a witness. The owner is told by SMS."""

    owner = _id("The owner, as the enterprise names it (`owner.id`).", required=True)
    how = fields.String(
        required=True,
        validate=validate.OneOf(HOW),
        metadata={"description": "How the owner has allowed it.", "example": "in-person"},
    )
    witness = prose("Who was a witness of that: a name.", "Rahmat, ketua RT 02", most=120, required=True)
    note = prose("What else is worth knowing, without a NIK.", "Di rumah Ibu Siti", most=500)
    until = moment("Until when at most. When not given, as long as this deployment allows.")


class EndAssistance(Strict):
    """End an assistance."""

    reason = prose("Why.", "Sudah punya telepon sendiri", most=300)


class ListAssistance(Strict):
    """Assistances that concern you."""

    owner = _id("For this owner only.")
    holds = fields.Boolean(
        metadata={"description": "Only those that hold now, or only those that don't.", "example": True}
    )
    cursor = _id("Mark of the page to read, as `next` of the page before gave it.")
    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(min=1, max=_LIMIT),
        metadata={"description": "How many to answer at most.", "example": 50},
    )


class ListActs(Strict):
    """What was done under an assistance."""

    cursor = _id("Mark of the page to read, as `next` of the page before gave it.", load_default=None)
    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(min=1, max=_LIMIT),
        metadata={"description": "How many to answer at most.", "example": 50},
    )


class Helper(Schema):
    """Who acts for the owner."""

    account = _id("The account.", required=True)
    name = text("The name.", "Sari Wulandari", required=True)


class AssistanceView(Schema):
    """Somebody of an office acts for an owner."""

    id = _id("The assistance.", required=True)
    owner = _id("For whom.", required=True)
    unit = text("The unit that the owner belonged to when it began.", "21.71", required=True)
    helper = fields.Nested(Helper, required=True, metadata={"description": "Who acts for the owner."})
    how = fields.String(
        required=True, metadata={"description": "How the owner has allowed it.", "example": "in-person"}
    )
    note = fields.String(required=True, allow_none=True, metadata={"description": "What else is worth knowing."})
    witness = fields.String(required=True, metadata={"description": "Who was a witness."})
    begun_at = moment("Since when.", required=True)
    until = moment("Until when at most.", required=True)
    holds = fields.Boolean(required=True, metadata={"description": "Whether it holds now."})
    ended_at = moment("When it ended; null while it holds.", required=True, allow_none=True)
    ended_by = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(ENDED_BY),
        metadata={"description": "Who has ended it; `time`: nobody had to.", "example": "owner"},
    )
    end_reason = fields.String(required=True, allow_none=True, metadata={"description": "Why."})


class AssistancePage(Schema):
    """One page of assistances."""

    items = fields.List(
        fields.Nested(AssistanceView), required=True, metadata={"description": "The one begun last first."}
    )
    next = fields.String(required=True, allow_none=True, metadata={"description": "Mark of the next page."})
