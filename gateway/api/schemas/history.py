"""What became of every try to sign in."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from gateway.api.schemas.parts import Strict, moment


class ListSignIns(Strict):
    """Tries to sign in to an account, newest first; they are kept for 180 days."""

    cursor = fields.UUID(metadata={"description": "Mark of the page to read, as `next` of the page before gave it."})
    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(min=1, max=200),
        metadata={"description": "How many to answer at most.", "example": 50},
    )


class SignInTry(Schema):
    """One try to sign in."""

    at = moment("When.", required=True)
    accepted = fields.Boolean(required=True, metadata={"description": "Whether it succeeded."})
    method = fields.String(required=True, metadata={"description": "By what it was tried.", "example": "password+code"})
    address = fields.String(required=True, metadata={"description": "From which address."})
    label = fields.String(required=True, metadata={"description": "Device or program, as it calls itself."})
    new_device = fields.Boolean(required=True, metadata={"description": "Whether it was told by mail as a new device."})


class SignInTries(Schema):
    """One page of tries."""

    items = fields.List(fields.Nested(SignInTry), required=True, metadata={"description": "Newest first."})
    next = fields.String(required=True, allow_none=True, metadata={"description": "Mark of the next page."})
