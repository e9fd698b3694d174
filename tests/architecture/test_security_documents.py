"""What the pages on security point to is there."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from deploy.cli.commands import COMMANDS
from deploy.processes import ROOT

SECURITY = ROOT / "docs" / "security"
PAGES = sorted([*SECURITY.glob("*.md"), ROOT / "SECURITY.md"])
STATES = {"met", "partly", "not met", "not applicable"}
_ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| ([^|]+) \| ([^|]+) \| ([^|]*)\|$", re.MULTILINE)
_PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]+|[\w-]+\.(?:md|toml|lock))`")

ROWS = _ROW.findall((SECURITY / "asvs.md").read_text())


def test_every_requirement_of_levels_1_and_2_has_a_row() -> None:
    # the standard's own figures for 5.0.0
    assert Counter(level for _, level, *_ in ROWS) == {"1": 70, "2": 183}
    assert len({number for number, *_ in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row[0]))
def test_what_is_met_has_evidence_and_what_is_not_says_what_is_missing(row: tuple[str, ...]) -> None:
    _, _, _, state, evidence = row
    assert state in STATES
    if state != "not applicable":
        assert _PATH.findall(evidence)
    if state in ("partly", "not met"):
        assert "; " in evidence


def test_the_page_counts_right() -> None:
    counts = Counter(row[3] for row in ROWS)
    for state in STATES:
        assert f"{counts[state]} {state}" in (SECURITY / "asvs.md").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_is_named_exists(page: object) -> None:
    text = page.read_text()  # type: ignore[attr-defined]
    missing = [path for path in _PATH.findall(text) if not path.startswith("api/") and not (ROOT / path).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_is_named_exists(page: object) -> None:
    for command in re.findall(r"\./plut ([\w-]+)", page.read_text()):  # type: ignore[attr-defined]
        assert command in COMMANDS
