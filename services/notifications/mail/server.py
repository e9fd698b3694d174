"""The mail server as its setting names it: smtp://, smtp+starttls:// or smtps://, with or without a login."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from chassis.settings import SettingsError

_PORTS: Final = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over. `security` is plain, starttls or tls."""

    host: str
    port: int
    security: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def from_url(cls, url: str) -> MailServer:
        """Read PLUT_SMTP_URL; raises SettingsError, whose text never holds the password."""
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            raise SettingsError("PLUT_SMTP_URL has a port that is no number") from None
        if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
            raise SettingsError(
                "PLUT_SMTP_URL must be smtp://host:port, smtp+starttls://user:password@host:port or smtps://…"
            )
        if parts.username and parts.scheme == "smtp" and not _is_loopback(parts.hostname):
            raise SettingsError(
                "PLUT_SMTP_URL would send a password without encryption: use smtp+starttls:// or smtps://"
            )
        return cls(
            host=parts.hostname,
            port=port or _PORTS[parts.scheme],
            security={"smtp": "plain", "smtps": "tls"}.get(parts.scheme, "starttls"),
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
