"""What the schemas share."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, post_load, validate

from contracts.access import ROLES, Grant
from contracts.api.fields import text as plain_text

SCOPE = r"^(\d{2}(\.\d{2})?)?$"


class Strict(Schema):
    """What a caller sends."""

    class Meta:
        """An unknown field is refused."""

        unknown = RAISE


def text(description: str, example: str, *, least: int = 1, most: int = 200, **more: Any) -> fields.String:
    """A string from `least` to `most` characters, not all of them blank."""
    return plain_text(description, example, least=least, most=most, **more)


def email(**more: Any) -> fields.Email:
    """An e-mail address."""
    return fields.Email(
        validate=validate.Length(max=254),
        metadata={"description": "E-mail.", "example": "kepala.batam@plut.localhost"},
        **more,
    )


def code(description: str, **more: Any) -> fields.String:
    """A one-time code as people type it."""
    return text(description, "492039", most=20, load_only=True, **more)


def language(description: str) -> fields.String:
    """Indonesian, unless English is asked for."""
    return fields.String(
        load_default="id",
        validate=validate.OneOf(("id", "en")),
        metadata={"description": description, "example": "id"},
    )


def device_token() -> fields.String:
    """What a device was given by its sign-in before."""
    return text("The device's token, from its sign-in before.", "plutd_…", most=100, load_only=True)


def cookie() -> fields.Boolean:
    """Whether a browser signs in."""
    return fields.Boolean(
        load_default=False,
        metadata={"description": "For browsers: keep the token in a cookie instead of answering it.", "example": False},
    )


def moment(description: str, **more: Any) -> fields.AwareDateTime:
    """A time with its offset."""
    return fields.AwareDateTime(metadata={"description": description, "example": "2026-08-17T09:00:00+00:00"}, **more)


class GrantSchema(Strict):
    """One role for one scope."""

    role = fields.String(
        required=True,
        validate=validate.OneOf(ROLES),
        metadata={"description": "The role. People can't be given `owner` or `partner`.", "example": "staff"},
    )
    scope = fields.String(
        required=True,
        validate=validate.Regexp(SCOPE),
        metadata={"description": "Prefix of the region code: empty for the nation, 21, 21.71.", "example": "21.71"},
    )

    @post_load
    def _as_grant(self, data: dict[str, str], **_: Any) -> Grant:
        return Grant(**data)
