"""Known weaknesses of the libraries in the lock, by pip-audit: `python -m deploy.dependency_audit`.

It asks the OSV database (names and versions of public libraries, nothing else), in four shares at once. Who has no network is
told so and passes. What is found fails, unless pyproject.toml says why it does no harm here, and until when that holds:

    [tool.plut.audit]
    ignore = [{ id = "PYSEC-2026-1", reason = "that function isn't called", until = 2026-12-31 }]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import click
import requests

from deploy.bill_of_materials import LOCK, Pinned, read_lock
from deploy.processes import ROOT

OSV: Final = "https://api.osv.dev/v1/query"
SECONDS: Final = 15.0
_SHARES: Final = 4
_KNOCK: Final = 3.0
#: How pip-audit ends when nobody answers, or not as OSV does.
_AWAY: Final = ("ConnectionError", "Could not connect", "ServiceError", "ReadTimeout", "JSONDecodeError")


class NoAnswerError(Exception):
    """Nobody could be asked; the text says why."""


def main() -> int:
    """Returns an exit status."""
    ignored, wrong = ignores(
        tomllib.loads((ROOT / "pyproject.toml").read_text()).get("tool", {}).get("plut", {}).get("audit", {}),
        datetime.now(UTC).date(),
    )
    try:
        found = wrong + audit(read_lock(LOCK.read_text()), ignored)
    except NoAnswerError as error:
        click.echo(f"skipped: {error}")
        return 1 if wrong else 0
    click.echo("\n".join(found) or "No known weaknesses.")
    return 1 if found else 0


def ignores(told: Mapping[str, Any], today: date) -> tuple[list[str], list[str]]:
    """Ids that don't count, and what is wrong with the list: an entry without a reason, or beyond its date."""
    ids, wrong = [], []
    for entry in told.get("ignore", ()):
        if not entry.get("reason") or not isinstance(entry.get("until"), date):
            wrong.append(f"{entry.get('id')}: to be ignored it needs a reason and a date (until)")
        elif entry["until"] < today:
            wrong.append(f"{entry['id']}: ignored until {entry['until']}, which is over: {entry['reason']}")
        else:
            ids.append(str(entry["id"]))
    return ids, wrong


def audit(
    pinned: Sequence[Pinned], ignored: Sequence[str] = (), *, url: str = OSV, seconds: float = SECONDS
) -> list[str]:
    """A line for each weakness: the library, the id, and where it is mended. Raises NoAnswerError."""
    ends = time.monotonic() + seconds
    try:
        requests.get(url, timeout=min(_KNOCK, seconds))  # any answer will do
    except requests.RequestException:
        raise NoAnswerError("no network") from None
    shares = [pinned[start::_SHARES] for start in range(min(_SHARES, len(pinned)))]
    with ThreadPoolExecutor(_SHARES) as pool:
        lines = pool.map(lambda share: _audited(share, ignored, url, ends - time.monotonic()), shares)
        return sorted(line for share in lines for line in share)


def _audited(share: Sequence[Pinned], ignored: Sequence[str], url: str, seconds: float) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "requirements.txt"
        file.write_text("".join(f"{each.name}=={each.version}\n" for each in share))
        command = [
            str(Path(sys.executable).parent / "pip-audit"), "--requirement", str(file), "--no-deps", "--disable-pip",
            "--vulnerability-service", "osv", "--osv-url", url, "--format", "json", "--progress-spinner", "off",
            "--cache-dir", folder, *(f"--ignore-vuln={each}" for each in ignored),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=max(seconds, 0.1), check=False)
        except subprocess.TimeoutExpired:
            raise NoAnswerError("no answer in time") from None
    try:
        libraries = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        if any(word in done.stderr for word in _AWAY):
            raise NoAnswerError("no network") from None
        return [f"pip-audit failed: {done.stderr.strip()[-500:]}"]
    return [
        f"{library['name']} {library['version']}: {weakness['id']}"
        f" ({', '.join(weakness.get('aliases', ())) or 'no other name'}),"
        f" mended in {', '.join(weakness['fix_versions']) or 'no version yet'}"
        for library in libraries
        for weakness in library.get("vulns", ())
    ]


if __name__ == "__main__":
    sys.exit(main())
