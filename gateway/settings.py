"""Settings of the gateway: those of every process, and its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chassis.settings import Settings


def _setting(default: Any, help_text: str) -> Any:
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True, slots=True)
class GatewaySettings(Settings):
    """Every setting `name` is the environment variable `PLUT_NAME`."""

    http_host: str = _setting("127.0.0.1", "Address that the gateway listens on.")
    http_port: int = _setting(8080, "Port that the gateway listens on.")
    gateway_workers: int = _setting(2, "Processes of the gateway.")
    gateway_threads: int = _setting(16, "Requests that one process of the gateway handles at a time.")
    body_limit_kib: int = _setting(1024, "Size of a JSON body in KiB, at most.")
    upload_limit_mib: int = _setting(64, "Size of an uploaded file in MiB, at most.")
    rate_limit_account: int = _setting(600, "Requests of one account in a minute, at most. 0: as many as come.")
    rate_limit_unit: int = _setting(
        6000, "Requests in a minute of all accounts whose narrowest grant is for one unit. 0: as many as come."
    )
    rate_limit_address: int = _setting(
        120, "Requests without a sign-in in a minute, of one address (IPv6: of one /64 network). 0: as many as come."
    )
    trusted_proxies: str = _setting(
        "",
        "Addresses or networks of reverse proxies, by commas, whose `X-Forwarded-For` says who asks. Empty: nobody's.",
    )
    session_hours: float = _setting(12.0, "Hours without a request after which a sign-in ends.")
    session_days: float = _setting(30.0, "Days after which a sign-in ends in any case.")
    assistance_days: int = _setting(
        90, "Days that somebody may act for an owner at most, before the owner is asked again."
    )
    breached_passwords_url: str = _setting(
        "",
        "Service that knows breached passwords, by the range protocol: the first five digits of a SHA-1 are added to the"
        " address. Empty: not asked.",
    )
    oidc_issuer: str = _setting("", "Single sign-on by OpenID Connect: the provider's issuer. Empty: none.")
    oidc_client_id: str = _setting("", "Single sign-on: what the provider knows the platform by.")
    oidc_client_secret_file: str = _setting(
        "", "Single sign-on: file with the client's secret; empty for a public client."
    )
    oidc_email_claim: str = _setting(
        "email", "Single sign-on: the claim that holds the account's e-mail. `email` counts with `email_verified` only."
    )
    oidc_domains: str = _setting(
        "", "Single sign-on: domains of e-mails that may come in, separated by commas. Empty: all."
    )
    account_key_file: str = _setting(
        "",
        "JSON with `encryption` and `hashing`, 32 bytes each in base64: keeps second factors and one-time codes secret.",
    )
    mail_catcher_url: str = _setting("", "Address of the mail catcher of a local stack, shown on the first page.")
