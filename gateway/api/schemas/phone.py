"""Owners of businesses: signing in by a code that is sent to their phone."""

from __future__ import annotations

from marshmallow import Schema, fields

from gateway.api.schemas.parts import Strict, code, cookie, device_token, language, text


class AskForCode(Strict):
    """Have a code sent to a phone, if the registry knows an owner of a business with it."""

    phone = text("The phone, as people write it.", "0812 7000 1234", most=40, required=True)
    language = language("Language of the message.")


class CodeAsked(Schema):
    """The same for every phone."""

    expires_in = fields.Integer(
        required=True, metadata={"description": "Seconds that a code is good for.", "example": 300}
    )


class ConfirmPhone(Strict):
    """Sign in with the code that came to the phone. It counts once, and may be tried five times."""

    phone = text("The phone, as people write it.", "0812 7000 1234", most=40, required=True)
    code = code("The six digits.", required=True)
    label = text("What you call this device or program.", "telepon saya", most=80)
    device_token = device_token()
    cookie = cookie()
