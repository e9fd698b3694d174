"""Settings: one frozen object per process, read once from the environment.

`docs/reference/settings.md` is generated from the fields' metadata.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self
from urllib.parse import quote


class SettingsError(ValueError):
    """A variable that is missing or can't be read; the text says which and what was expected."""


def _setting(default: Any, help_text: str) -> Any:
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting `name` is the environment variable `PLUT_NAME`."""

    database_url_template: str = _setting(
        "postgresql://plut_{service}@127.0.0.1:5432/{service}",
        "PostgreSQL, by a role that owns nothing; `{service}` is replaced by the service's name. Variable: PLUT_DATABASE_URL.",
    )
    database_owner_url_template: str = _setting(
        "postgresql://plut@127.0.0.1:5432/{service}",
        "Migrations: the role that makes databases and owns their tables. Variable: PLUT_DATABASE_OWNER_URL.",
    )
    database_password_file: str = _setting(
        "", "Passwords of the roles, where the URLs have none: PostgreSQL's own kind of password file (.pgpass)."
    )
    amqp_url: str = _setting("amqp://guest:guest@127.0.0.1:5672/%2F", "RabbitMQ.")
    files_url: str = _setting("file:///tmp/plut-files", "Where uploads and exports are kept, as an fsspec URL.")
    smtp_url: str = _setting(
        "smtp://127.0.0.1:1025",
        "Mail server: smtp://host:port, smtps://user:password@host:port, smtp+starttls://…",
    )
    mail_from: str = _setting("PLUT <plut@localhost>", "Sender of e-mails.")
    sms_url: str = _setting("", "Where short messages (SMS) are handed over by HTTP POST. Empty: none are sent.")
    sms_body: str = _setting(
        '{"to": "{to}", "text": "{text}", "id": "{id}"}',
        "What is posted for one message; {to}, {text} and {id} are filled in. A provider may drop repeats by the id.",
    )
    sms_content_type: str = _setting(
        "application/json", "Type of that: application/json or application/x-www-form-urlencoded."
    )
    sms_authorization: str = _setting("", "Header `Authorization` for the provider, such as `Bearer …`.")
    public_url: str = _setting("http://127.0.0.1:8080", "Address of the gateway as people see it.")
    access_key_file: str = _setting("", "Gateway only: private Ed25519 JWK that signs access contexts.")
    access_jwks_file: str = _setting("", "Services: JWK set of the keys that may sign access contexts.")
    data_key_file: str = _setting(
        "",
        'Registry: JSON with `{"master": [{"id", "key"}], "index": [...]}`, keys of 32 bytes in base64, newest first.',
    )
    data_keys: str = _setting("", "Registry: the same JSON itself, where there is no file.")
    audit_key_file: str = _setting(
        "", 'JSON with `{"keys": [...]}`, 32 bytes each in base64, newest first: what is on record is sealed with them.'
    )
    health_host: str = _setting("127.0.0.1", "Address of /healthz, /readyz and /metrics.")
    health_port: int = _setting(0, "Port of /healthz, /readyz and /metrics; 0 turns them off.")
    log_level: str = _setting("info", "debug, info, warning or error.")
    rpc_urls: str = _setting(
        "",
        "Gateway: where services answer without the broker, as `registry=http://10.0.0.5:8700,…` or as one address with"
        " `{service}`. Without an address requests go over the broker.",
    )
    rpc_host: str = _setting("127.0.0.1", "Services: address on which they answer without the broker.")
    rpc_port: int = _setting(0, "Services: port of that; replicas on one machine share it. 0 turns it off.")
    rpc_timeout: float = _setting(10.0, "Seconds that the gateway waits for a service.")
    workers: int = _setting(20, "Requests and event batches that one service process handles at a time.")
    worker_nice: int = _setting(
        10, "Worker: how far it stands back when other processes of its machine want the processor, 0 to 19 (nice)."
    )
    batch_size: int = _setting(200, "Events that a subscription takes in one transaction, at most.")
    relay_window: int = _setting(500, "Events that the relay has unconfirmed at a time, at most.")
    confirm_timeout: float = _setting(10.0, "Seconds that the relay waits for the broker to confirm a window.")
    statement_timeout: float = _setting(8.0, "Seconds that a statement of a request may take in the database.")
    retention_days: int = _setting(30, "Days that sent events and the inbox are kept: the longest possible replay.")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read `PLUT_*`; raises SettingsError that names the variable."""
        env = os.environ if environment is None else environment
        values: dict[str, Any] = {}
        for spec in fields(cls):
            variable = variable_of(spec.name)
            if variable not in env:
                continue
            kind: Any = type(spec.default)
            try:
                values[spec.name] = kind(env[variable])
            except ValueError:
                raise SettingsError(f"{variable} must be a {kind.__name__}, not {env[variable]!r}") from None
        for name in ("database_url_template", "database_owner_url_template"):
            if "{service}" not in values.get(name, "{service}"):
                raise SettingsError(f"{variable_of(name)} must contain {{service}}, which is replaced by its name")
        return cls(**values)

    def database_url(self, service: str) -> str:
        """URL of one service's database, with the driver that SQLAlchemy is to use."""
        return self.libpq_url(service).replace("postgresql://", "postgresql+psycopg://", 1)

    def libpq_url(self, service: str) -> str:
        """The same database for psycopg and procrastinate."""
        return self._url(self.database_url_template, service)

    def owner_url(self, service: str) -> str:
        """The same database for psycopg, as the owner of its tables."""
        return self._url(self.database_owner_url_template, service)

    def _url(self, template: str, service: str) -> str:
        url = template.replace("{service}", service)
        if not self.database_password_file:
            return url
        return f"{url}{'&' if '?' in url else '?'}passfile={quote(self.database_password_file)}"


def variable_of(name: str) -> str:
    """Environment variable of a setting."""
    return f"PLUT_{name.removesuffix('_template').upper()}"
