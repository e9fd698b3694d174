"""Setting a password without knowing one."""

from __future__ import annotations

from marshmallow import Schema, fields

from gateway.api.schemas.parts import Strict, email, language, text


class Forgotten(Strict):
    """Have a link sent to an account's e-mail, by which a new password can be chosen within an hour."""

    email = email(required=True)
    language = language("Language of the mail.")


class Sent(Schema):
    """The same whether there is such an account or not."""

    sent = fields.Boolean(
        required=True, metadata={"description": "Always true: who has an account with this e-mail gets a mail."}
    )


class SetPassword(Strict):
    """Choose a password by the link that an invitation, or the mail about a forgotten one, has brought."""

    token = text("What stands behind the # of the link.", "pGm3W0lX2cQ", most=100, required=True, load_only=True)
    password = text("At least 12 characters; common ones are refused.", "sebuah kalimat yang panjang", most=1000,
                    required=True, load_only=True)  # fmt: skip
