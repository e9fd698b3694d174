"""Requests and replies of the gateway's own endpoints: signing in, accounts."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, post_load, validate

from contracts.access import ROLES, Grant

_SCOPE = r"^(\d{2}(\.\d{2})?)?$"


class Strict(Schema):
    """What a caller sends."""

    class Meta:
        """An unknown field is refused."""

        unknown = RAISE


def _text(description: str, example: str, *, least: int = 1, most: int = 200, **more: Any) -> fields.String:
    return fields.String(
        validate=validate.Length(min=least, max=most),
        metadata={"description": description, "example": example},
        **more,
    )


def _email(**more: Any) -> fields.Email:
    return fields.Email(
        validate=validate.Length(max=254),
        metadata={"description": "E-mail.", "example": "kepala.batam@plut.localhost"},
        **more,
    )


def _time(description: str, **more: Any) -> fields.AwareDateTime:
    return fields.AwareDateTime(metadata={"description": description, "example": "2026-08-17T09:00:00+00:00"}, **more)


class GrantSchema(Strict):
    """One role for one scope."""

    role = fields.String(
        required=True, validate=validate.OneOf(ROLES), metadata={"description": "The role.", "example": "staff"}
    )
    scope = fields.String(
        required=True,
        validate=validate.Regexp(_SCOPE),
        metadata={"description": "Prefix of the region code: empty for the nation, 21, 21.71.", "example": "21.71"},
    )

    @post_load
    def _as_grant(self, data: dict[str, str], **_: Any) -> Grant:
        return Grant(**data)


class SignIn(Strict):
    """Sign in with e-mail and password."""

    email = _text("E-mail.", "kepala.batam@plut.localhost", most=254, required=True)
    password = _text("Password.", "sebuah kalimat yang panjang", most=1000, required=True, load_only=True)
    label = _text("What you call this device or program.", "laptop kantor", most=80)


class AccountView(Schema):
    """An account."""

    id = fields.UUID(required=True, metadata={"description": "The account."})
    email = fields.Email(required=True, metadata={"description": "E-mail, in lower case."})
    name = fields.String(required=True, metadata={"description": "Name."})
    grants = fields.List(fields.Nested(GrantSchema), required=True, metadata={"description": "Roles and scopes."})
    disabled = fields.Boolean(required=True, metadata={"description": "Whether signing in is refused."})
    created_at = _time("When it was made.", required=True)
    version = fields.Integer(required=True, metadata={"description": "Raised by every change; the ETag."})


class SessionView(Schema):
    """A new sign-in. The token can't be read again."""

    token = fields.String(required=True, metadata={"description": "Send it as `Authorization: Bearer …`."})
    expires_at = _time("When it expires if it isn't used; each use moves it on.", required=True)
    account = fields.Nested(AccountView, required=True, metadata={"description": "Who has signed in."})


class OwnSession(Schema):
    """One of one's own sign-ins."""

    id = fields.UUID(required=True, metadata={"description": "The sign-in."})
    label = fields.String(required=True, metadata={"description": "Device or program."})
    address = fields.String(required=True, allow_none=True, metadata={"description": "From which address."})
    created_at = _time("When it began.", required=True)
    seen_at = _time("When it was last used, within five minutes.", required=True)
    expires_at = _time("When it expires if it isn't used.", required=True)
    current = fields.Boolean(required=True, metadata={"description": "Whether this request came with it."})


class OwnSessions(Schema):
    """One's own sign-ins."""

    items = fields.List(fields.Nested(OwnSession), required=True, metadata={"description": "The last used first."})


class ChangePassword(Strict):
    """Change one's own password. All other sign-ins end."""

    current = _text("The present password.", "sebuah kalimat yang panjang", most=1000, required=True, load_only=True)
    new = _text("The new one, at least 12 characters.", "kalimat lain yang panjang", most=1000, required=True,
                load_only=True)  # fmt: skip


class ListAccounts(Strict):
    """Accounts with a role in your scope, by e-mail."""

    q = _text("Part of the name or the e-mail.", "batam", most=80)
    cursor = _text("Mark of the page to read, as `next` of the page before gave it.", "a@b.example", most=500)
    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(min=1, max=200),
        metadata={"description": "How many to answer at most.", "example": 50},
    )


class AccountPage(Schema):
    """One page of accounts."""

    items = fields.List(fields.Nested(AccountView), required=True, metadata={"description": "By e-mail."})
    next = fields.String(required=True, allow_none=True, metadata={"description": "Mark of the next page."})


class ChangeAccount(Strict):
    """Change somebody's account: what is sent. Disabling, and a new password, end its sign-ins at once."""

    name = _text("Name.", "Kepala PLUT Kota Batam", most=120)
    grants = fields.List(
        fields.Nested(GrantSchema),
        validate=validate.Length(max=50),
        metadata={"description": "All roles and scopes from now on."},
    )
    disabled = fields.Boolean(metadata={"description": "Refuse signing in.", "example": False})
    password = _text("A new password, at least 12 characters.", "kalimat lain yang panjang", most=1000, load_only=True)


class CreateAccount(Strict):
    """Make an account. Nobody gives a role, or a scope, that is more than one's own."""

    email = _email(required=True)
    name = _text("Name.", "Kepala PLUT Kota Batam", most=120, required=True)
    password = _text("At least 12 characters; common ones are refused.", "sebuah kalimat yang panjang", most=1000,
                     required=True, load_only=True)  # fmt: skip
    grants = fields.List(
        fields.Nested(GrantSchema),
        required=True,
        validate=validate.Length(min=1, max=50),
        metadata={"description": "Roles and scopes."},
    )
