"""How moments, types and ids may be written on the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click
import pytest

from deploy.cli.events.asking import clock, counted, first_line
from deploy.cli.events.selecting import EVENT_ID, EVENT_TYPE, MOMENT

REGISTERED = "id.plut.registry.enterprise-registered.v1"


@pytest.mark.parametrize(
    ("text", "long"),
    [
        ("90s", {"seconds": 90}),
        ("30m", {"minutes": 30}),
        ("2h", {"hours": 2}),
        ("7d", {"days": 7}),
        (" 1 h", {"hours": 1}),
    ],
)
def test_so_long_ago(text: str, long: dict[str, int]) -> None:
    moment = datetime.fromisoformat(MOMENT.convert(text, None, None))
    assert abs(datetime.now(UTC) - timedelta(**long) - moment) < timedelta(seconds=5)


def test_a_moment_with_its_offset() -> None:
    assert MOMENT.convert("2026-11-21T08:30:00+07:00", None, None) == "2026-11-21T01:30:00+00:00"
    assert MOMENT.convert("2026-11-21T01:30:00Z", None, None) == "2026-11-21T01:30:00+00:00"


def test_a_moment_without_one_is_by_the_clock_on_the_wall() -> None:
    local = datetime(2026, 11, 21, 8, 30).astimezone()
    assert datetime.fromisoformat(MOMENT.convert("2026-11-21 08:30", None, None)) == local
    assert datetime.fromisoformat(MOMENT.convert("2026-11-21", None, None)).astimezone().hour == 0


@pytest.mark.parametrize("text", ["", "h", "2", "2 weeks", "yesterday", "-2h", "2026-13-01", "99999999999d"])
def test_no_moment_is_said_with_what_is_one(text: str) -> None:
    with pytest.raises(click.BadParameter, match="30m, 2h, 7d"):
        MOMENT.convert(text, None, None)


@pytest.mark.parametrize("text", [REGISTERED, "registry.enterprise-registered.v1", "enterprise-registered"])
def test_a_type_in_short(text: str) -> None:
    assert EVENT_TYPE.convert(text, None, None) == REGISTERED


def test_a_type_that_only_the_platform_knows_is_passed_on() -> None:
    assert (
        EVENT_TYPE.convert("id.plut.licences.licence-expired.v3", None, None) == "id.plut.licences.licence-expired.v3"
    )


@pytest.mark.parametrize("text", ["enterprise", "registry", "id.plut.registry", "v1", "enterprise-registred"])
def test_no_type_is_said_with_those_there_are(text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"id\.plut\.registry"):
        EVENT_TYPE.convert(text, None, None)


def test_ids_are_uuids() -> None:
    assert EVENT_ID.convert("01A2009DD2A7762EB135783ED4E20355", None, None) == "01a2009d-d2a7-762e-b135-783ed4e20355"
    with pytest.raises(click.BadParameter):
        EVENT_ID.convert("7", None, None)


def test_what_a_table_shows() -> None:
    assert clock("2026-11-21T08:30:00.123456+00:00") == "2026-11-21T08:30:00Z"
    assert (clock(None), first_line(None), first_line("a\nb"), first_line("x" * 200, 10)) == ("", "", "a", "xxxxxxxxx…")
    assert (counted(1), counted(2)) == ("1 event", "2 events")
