"""Partner systems and their keys."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from gateway.api.schemas.parts import SCOPE, Strict, moment, text


class CreatePartner(Strict):
    """Make the account of a partner system. It signs in with keys, and has the role partner only."""

    name = text("Name of the partner.", "Bank Riau Kepri", most=120, required=True)
    scopes = fields.List(
        fields.String(validate=validate.Regexp(SCOPE)),
        required=True,
        validate=validate.Length(min=1, max=50),
        metadata={"description": "Where it is a partner: prefixes of region codes.", "example": ["21"]},
    )


class MakeKey(Strict):
    """Make a key for a partner system."""

    name = text("What it is for.", "produksi", most=80, required=True)
    expires_at = moment("When it ends: at most 400 days from now.", required=True)


class RotateKey(Strict):
    """Make a new key in the place of another, which goes on for a while."""

    overlap_hours = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=0, max=720),
        metadata={"description": "Hours that the old key goes on.", "example": 24},
    )
    expires_at = moment("When the new one ends: at most 400 days from now.", required=True)


class KeyView(Schema):
    """A partner's key, without the key itself."""

    id = fields.UUID(required=True, metadata={"description": "The key."})
    prefix = fields.String(required=True, metadata={"description": "How it begins.", "example": "plutk_x7k2m9qa"})
    name = fields.String(required=True, metadata={"description": "What it is for."})
    created_at = moment("When it was made.", required=True)
    expires_at = moment("When it ends.", required=True)
    last_used_at = moment("When it was last used, within five minutes.", required=True, allow_none=True)
    holds = fields.Boolean(required=True, metadata={"description": "Whether it can be used now."})


class NewKey(KeyView):
    """A new key. It can't be read again."""

    key = fields.String(required=True, metadata={"description": "Send it as `Authorization: Bearer …`."})


class Keys(Schema):
    """A partner's keys."""

    items = fields.List(fields.Nested(KeyView), required=True, metadata={"description": "The newest first."})
