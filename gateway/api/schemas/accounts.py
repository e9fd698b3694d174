"""Accounts, for those who administer them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from contracts.api.fields import Truth
from gateway.api.schemas.parts import GrantSchema, Strict, email, language, moment, text


class AccountView(Schema):
    """An account."""

    id = fields.UUID(required=True, metadata={"description": "The account."})
    kind = fields.String(required=True, metadata={"description": "person, owner or partner.", "example": "person"})
    email = fields.Email(required=True, allow_none=True, metadata={"description": "A person's e-mail, in lower case."})
    phone = fields.String(
        required=True, allow_none=True, metadata={"description": "An owner's phone, by which they sign in."}
    )
    name = fields.String(required=True, metadata={"description": "Name."})
    grants = fields.List(fields.Nested(GrantSchema), required=True, metadata={"description": "Roles and scopes."})
    disabled = fields.Boolean(required=True, metadata={"description": "Whether signing in is refused."})
    second_factor = fields.Boolean(required=True, metadata={"description": "Whether signing in asks for a code, too."})
    invited = fields.Boolean(required=True, metadata={"description": "Whether an invitation waits for its password."})
    created_at = moment("When it was made.", required=True)
    version = fields.Integer(required=True, metadata={"description": "Raised by every change; the ETag."})


class ListAccounts(Strict):
    """Accounts of a kind with a role in your scope: people by e-mail, others as they were made."""

    kind = fields.String(
        load_default="person",
        validate=validate.OneOf(("person", "owner", "partner")),
        metadata={"description": "person, owner or partner.", "example": "person"},
    )
    q = text("Part of the name or the e-mail.", "batam", most=80)
    cursor = text("Mark of the page to read, as `next` of the page before gave it.", "a@b.example", most=500)
    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(min=1, max=200),
        metadata={"description": "How many to answer at most.", "example": 50},
    )


class AccountPage(Schema):
    """One page of accounts."""

    items = fields.List(
        fields.Nested(AccountView),
        required=True,
        metadata={"description": "People by e-mail, others as they were made."},
    )
    next = fields.String(required=True, allow_none=True, metadata={"description": "Mark of the next page."})


class ChangeAccount(Strict):
    """Change somebody's account: what is sent. Disabling, and a new password, end its sign-ins at once."""

    name = text("Name.", "Kepala PLUT Kota Batam", most=120)
    grants = fields.List(
        fields.Nested(GrantSchema),
        validate=validate.Length(max=50),
        metadata={"description": "All roles and scopes from now on."},
    )
    disabled = Truth(metadata={"description": "Refuse signing in.", "example": False})
    password = text("A new password, at least 12 characters.", "kalimat lain yang panjang", most=1000, load_only=True)


class CreateAccount(Strict):
    """Make an account. Nobody gives a role, or a scope, that is more than one's own."""

    email = email(required=True)
    name = text("Name.", "Kepala PLUT Kota Batam", most=120, required=True)
    password = text("At least 12 characters; common ones are refused.", "sebuah kalimat yang panjang", most=1000,
                     required=True, load_only=True)  # fmt: skip
    grants = fields.List(
        fields.Nested(GrantSchema),
        required=True,
        validate=validate.Length(min=1, max=50),
        metadata={"description": "Roles and scopes."},
    )


class Invite(Strict):
    """Make an account whose owner chooses the password: a link that works once, for seven days, goes to the e-mail."""

    email = email(required=True)
    name = text("Name.", "Kepala PLUT Kota Batam", most=120, required=True)
    grants = fields.List(
        fields.Nested(GrantSchema),
        required=True,
        validate=validate.Length(min=1, max=50),
        metadata={"description": "Roles and scopes."},
    )
    language = language("Language of the invitation.")


class InviteAgain(Strict):
    """Send an invitation once more; the earlier link is void."""

    language = language("Language of the invitation.")
