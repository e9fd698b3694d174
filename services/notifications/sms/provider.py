"""The provider as its settings name it: an address, and what is sent there with number, text and id filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote_plus, urlsplit

from chassis.settings import Settings, SettingsError

_PLACE: Final = re.compile(r"\{(to|text|id)\}")
_ESCAPES: Final[Mapping[str, Callable[[str], str]]] = {
    "application/json": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "application/x-www-form-urlencoded": quote_plus,
}


@dataclass(frozen=True, slots=True)
class SmsProvider:
    """Where short messages are handed over, and how."""

    url: str
    body: str
    content_type: str
    authorization: str = field(repr=False)

    @classmethod
    def from_settings(cls, settings: Settings) -> SmsProvider | None:
        """Read PLUT_SMS_*; None where there is no provider. Raises SettingsError."""
        if not settings.sms_url:
            return None
        if urlsplit(settings.sms_url).scheme not in {"http", "https"}:
            raise SettingsError("PLUT_SMS_URL must be http:// or https://")
        if settings.sms_content_type not in _ESCAPES:
            raise SettingsError(f"PLUT_SMS_CONTENT_TYPE must be one of {', '.join(_ESCAPES)}")
        if not {"to", "text"} <= set(_PLACE.findall(settings.sms_body)):
            raise SettingsError("PLUT_SMS_BODY must hold {to} and {text}")
        return cls(settings.sms_url, settings.sms_body, settings.sms_content_type, settings.sms_authorization)

    def filled(self, *, to: str, text: str, id: str) -> bytes:  # noqa: A002 - as it stands in the template
        """What is sent for one message: nothing in a text can become more than a text."""
        escape = _ESCAPES[self.content_type]
        values = {"to": to, "text": text, "id": id}
        return _PLACE.sub(lambda place: escape(values[place[1]]), self.body).encode()
