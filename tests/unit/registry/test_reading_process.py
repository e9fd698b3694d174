"""The reading process tells of its own failure as every process does: one JSON line, nothing of what it was sent."""

from __future__ import annotations

import subprocess
import sys

import orjson

from deploy.processes import ROOT


def test_a_failure_is_one_line_without_values() -> None:
    body = b"\xb02171034107900001"
    done = subprocess.run(
        [sys.executable, "-m", "services.registry.reading"],
        cwd=ROOT,
        input=len(body).to_bytes(4, "big") + body,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    told = orjson.loads(line)
    assert (told["event"], told["process"]) == ("reading failed", "reading")
    assert "ValidationError" in told["exception"]
    assert b"2171034107900001" not in line


def test_a_parent_that_is_gone_ends_it_quietly() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "services.registry.reading"], cwd=ROOT, input=b"", capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
