"""What the gateway alone asks services for, in the platform's own name. No HTTP endpoint leads to any of it."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import ValidationError, validates_schema

from contracts.api.fields import Reply, Request, choice, listing, mapping, moment, pattern, text, unit, uuid

LANGUAGES: Final = ("id", "en")
#: What an account's owner is written about.
ACCOUNT_TEMPLATES: Final = (
    "invitation",
    "password-reset",
    "password-changed",
    "new-sign-in",
    "second-factor-changed",
    "sign-in-code",
    "assistance-begun",
    "assistance-ended",
)


class SendSecret(Request):
    """Write to one person, in words that may hold a secret: it is kept until the message is settled or expires.

    The same `id` again writes nothing.
    """

    id = uuid("The message's cause.", required=True)
    template = choice(ACCOUNT_TEMPLATES, "What it is about.", required=True)
    channel = choice(("email", "sms"), "By which channel.", required=True)
    address = text("An e-mail address, or a number in the form of E.164.", least=1, most=254, required=True)
    language = choice(LANGUAGES, "Language of the text.", required=True)
    account = text("The account that it is for.", load_default=None, allow_none=True)
    params = mapping("Facts of the template.", required=True)
    secret = text("What nobody else may read.", load_default=None, allow_none=True)
    expires_at = moment("When it is no longer of use; needed with a secret.", load_default=None, allow_none=True)

    @validates_schema
    def _ends(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("secret") is not None and data.get("expires_at") is None:
            raise ValidationError("Rahasia harus berakhir. / A secret must end.", "expires_at")


class SecretTaken(Reply):
    """It will be sent."""

    id = uuid("The cause, as it was given.")


class FindOwnersByPhone(Request):
    """Which owners of businesses have this phone."""

    phone = pattern(r"^\+[1-9]\d{6,14}$", "The number in the form of E.164.", "+6281270001234", required=True)


class OwnerInUnit(Reply):
    """An owner, and a unit that one of the owner's businesses belongs to."""

    owner = uuid("The owner.")
    unit = unit()


class OwnersWithPhone(Reply):
    """Owners that have a phone; nobody where there are none."""

    items = listing(OwnerInUnit, "One for each owner and unit.")


class GetOwnerContact(Request):
    """Where an owner is reached, and the office that the owner belongs to."""

    id = uuid("The owner.", required=True)


class OwnerContact(Reply):
    """An owner's phone, unit and office."""

    id = uuid("The owner.")
    unit = unit()
    phone = text("E.164.", "+6281270001234", allow_none=True)
    office = text("The unit's name.", "PLUT Kota Batam", allow_none=True)
    office_phone = text("The unit's phone.", "+62778123456", allow_none=True)
