"""The page for those who mend events, as somebody follows it: its commands in order, in one shell, on a real platform."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from deploy.local import database
from deploy.processes import ROOT
from tests.stack import Platform
from tests.system.test_readme import TESTED, desk, shell

__all__ = ["desk"]

PAGE = ROOT / "docs" / "operations" / "events.md"


def practise() -> str:
    text = PAGE.read_text()
    found = [match["text"] for match in TESTED.finditer(text)]
    assert len(found) == text.count("<!-- tested"), "a mark stands directly above its fence"
    return "\n".join(found)


@pytest.mark.slow
def test_who_follows_the_page_finds_and_mends_what_it_breaks(platform: Platform, desk: Path) -> None:
    try:
        said = shell(desk, platform, practise())
    finally:
        mend_by_force(platform)
    for expected in (
        'ProgrammingError: relation \\"recipient\\" does not exist',
        "No failed events.",
        "than the 255 bytes that AMQP allows",
        "registry.enterprise-updated.v1",
        "No parked events.",
        "Missed: 1 event;",
        "None was missed",
    ):
        assert expected in said, said


def mend_by_force(platform: Platform) -> None:
    """Where the page failed half-way, leave a platform that other tests can use."""
    url = database.owner_url(platform.stack.ports, platform.stack.passwords)
    with psycopg.connect(url.replace("{service}", "notifications"), autocommit=True) as connection:
        if connection.execute("SELECT to_regclass('recipient_away')").fetchone() != (None,):
            connection.execute("ALTER TABLE recipient_away RENAME TO recipient")
    with psycopg.connect(url.replace("{service}", "registry"), autocommit=True) as connection:
        connection.execute("DROP TRIGGER IF EXISTS spoil ON plut.outbox")
        connection.execute("DROP FUNCTION IF EXISTS spoil")
