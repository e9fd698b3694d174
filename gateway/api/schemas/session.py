"""Signing in and out, one's own sign-ins and password."""

from __future__ import annotations

from marshmallow import Schema, fields

from gateway.api.schemas.accounts import AccountView
from gateway.api.schemas.parts import Strict, code, cookie, device_token, moment, text


class SignIn(Strict):
    """Sign in with e-mail and password."""

    email = text("E-mail.", "kepala.batam@plut.localhost", most=254, required=True)
    password = text("Password.", "sebuah kalimat yang panjang", most=1000, required=True, load_only=True)
    code = code("A code of the second factor, or a recovery code, where the account has one.")
    label = text("What you call this device or program.", "laptop kantor", most=80)
    device_token = device_token()
    cookie = cookie()


def csrf_token() -> fields.String:
    """What a browser sends back with each change."""
    return fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "For a sign-in by cookie: send it as `X-CSRF-Token` with everything that isn't a GET."
        },
    )


class OwnAccountView(AccountView):
    """One's own account."""

    csrf_token = csrf_token()


class SessionView(Schema):
    """A new sign-in. The token can't be read again."""

    token = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Send it as `Authorization: Bearer …`; null where it is in a cookie."},
    )
    csrf_token = csrf_token()
    expires_at = moment("When it expires if it isn't used; each use moves it on.", required=True)
    account = fields.Nested(AccountView, required=True, metadata={"description": "Who has signed in."})
    device_token = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Keep it and send it with the next sign-in: then others' guesses don't slow it down."},
    )
    must_enrol = fields.Boolean(
        required=True,
        metadata={
            "description": "Whether the role needs a second factor first: until then this sign-in may only set it up."
        },
    )


class OwnSession(Schema):
    """One of one's own sign-ins."""

    id = fields.UUID(required=True, metadata={"description": "The sign-in."})
    label = fields.String(required=True, metadata={"description": "Device or program."})
    address = fields.String(required=True, allow_none=True, metadata={"description": "From which address."})
    method = fields.String(required=True, metadata={"description": "How it was proved.", "example": "password+code"})
    created_at = moment("When it began.", required=True)
    seen_at = moment("When it was last used, within five minutes.", required=True)
    expires_at = moment("When it expires if it isn't used.", required=True)
    current = fields.Boolean(required=True, metadata={"description": "Whether this request came with it."})


class OwnSessions(Schema):
    """One's own sign-ins."""

    items = fields.List(fields.Nested(OwnSession), required=True, metadata={"description": "The last used first."})


class ChangePassword(Strict):
    """Change one's own password. All other sign-ins end."""

    current = text("The present password.", "sebuah kalimat yang panjang", most=1000, required=True, load_only=True)
    new = text("The new one, at least 12 characters.", "kalimat lain yang panjang", most=1000, required=True,
                load_only=True)  # fmt: skip
