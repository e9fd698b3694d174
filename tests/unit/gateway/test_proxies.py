"""Which address counts, whoever stands between."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.settings import SettingsError
from gateway.edge.proxies import BehindProxies, networks

OURS = "10.0.0.0/8, 192.0.2.7, fd00::/8"


def seen(trusted: str, address: str, forwarded: str | None) -> str:
    """The address that the application is given."""
    given: dict[str, Any] = {"REMOTE_ADDR": address} | (
        {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    )

    def app(environ: Any, _: Any) -> list[bytes]:
        return [environ["REMOTE_ADDR"].encode()]

    [body] = BehindProxies(app, networks(trusted))(given, lambda *_: lambda _: None)
    return body.decode()


@pytest.mark.parametrize(
    ("address", "forwarded", "counts"),
    [
        ("10.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("10.0.0.1", "203.0.113.5, 10.9.9.9", "203.0.113.5"),
        ("192.0.2.7", "2001:db8::1", "2001:db8::1"),
        ("::ffff:10.0.0.1", "203.0.113.5", "203.0.113.5"),
        # what the client itself has put in front
        ("10.0.0.1", "127.0.0.1, 203.0.113.5", "203.0.113.5"),
        ("10.0.0.1", "10.1.1.1, 203.0.113.5", "203.0.113.5"),
        # nobody of ours
        ("198.51.100.9", "203.0.113.5", "198.51.100.9"),
        ("198.51.100.9", "10.0.0.1", "198.51.100.9"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.5, nonsense", "10.0.0.1"),
    ],
)
def test_the_last_address_that_is_none_of_our_proxies_counts(address: str, forwarded: str | None, counts: str) -> None:
    assert seen(OURS, address, forwarded) == counts


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "203.0.113.5"])
def test_without_the_setting_nothing_that_is_said_counts(address: str) -> None:
    assert seen("", address, "198.51.100.1, 10.0.0.1") == address


def test_a_setting_that_names_no_network_is_told() -> None:
    with pytest.raises(SettingsError, match="PLUT_TRUSTED_PROXIES"):
        networks("10.0.0.0/8, proxy.example")
