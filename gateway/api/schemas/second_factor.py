"""The second factor: enrolling, confirming, going on without."""

from __future__ import annotations

from marshmallow import Schema, fields

from gateway.api.schemas.parts import Strict, code, moment, text


class SecondFactorState(Schema):
    """One's own second factor."""

    enrolled = fields.Boolean(required=True, metadata={"description": "Whether signing in asks for a code."})
    required = fields.Boolean(required=True, metadata={"description": "Whether one's role needs it."})
    confirmed_at = moment("Since when it holds.", required=True, allow_none=True)
    recovery_codes_left = fields.Integer(required=True, metadata={"description": "Recovery codes that are unused."})


class Enrol(Strict):
    """Show a new secret; it holds once it is confirmed. Who has a second factor already proves it with a code."""

    password = text("The present password.", "sebuah kalimat yang panjang", most=1000, required=True, load_only=True)
    code = code("A code of the present second factor, where there is one.")


class Enrolment(Schema):
    """A new secret, for an authenticator on a telephone. It can't be read again, and waits 15 minutes to be confirmed."""

    secret = fields.String(required=True, metadata={"description": "The secret in base 32, to be typed in."})
    uri = fields.String(required=True, metadata={"description": "The same as an otpauth address."})
    svg = fields.String(required=True, metadata={"description": "The address as a QR code: an SVG picture."})


class Confirm(Strict):
    """Take the new secret into use, by a code of it. All other sign-ins end."""

    code = code("The six digits that the authenticator shows.", required=True)


class Verify(Strict):
    """Prove the second factor for this sign-in, which began without it."""

    code = code("A code of the second factor, or a recovery code.", required=True)


class RecoveryCodes(Schema):
    """Codes for a day without the telephone. They can't be read again."""

    recovery_codes = fields.List(
        fields.String(), required=True, metadata={"description": "Each takes the place of a code, once."}
    )


class Disable(Strict):
    """Go on without a second factor. Roles that need one can only replace it."""

    password = text("The present password.", "sebuah kalimat yang panjang", most=1000, required=True, load_only=True)
    code = code("A code of the second factor, or a recovery code.", required=True)
