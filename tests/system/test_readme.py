"""The README's commands, as somebody pastes them: in order, in one shell, against the running test platform."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import requests

from deploy.demo.operator import make_operator
from deploy.local import broker
from deploy.processes import ROOT
from tests.stack import Platform

DATA = ROOT / "tests" / "data"
#: A fence that is to be executed, or, where a file is named, written to that file.
TESTED = re.compile(r"^<!-- tested(?:: (?P<file>\S+))? -->\n```\w+\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
QUEUE = "partner.bank"


def fences() -> list[tuple[str | None, str]]:
    text = (ROOT / "README.md").read_text()
    found = [(match["file"], match["text"]) for match in TESTED.finditer(text)]
    assert len(found) == text.count("<!-- tested"), "a mark stands directly above its fence"
    return found


@pytest.fixture
def desk(platform: Platform, tmp_path: Path) -> Path:
    """A folder that looks like the project's to whoever types the README's commands."""
    make_operator(platform.stack, demo=True)
    for name in ("plut", ".venv", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / ".plut").symlink_to(platform.stack.layout.state)
    return tmp_path


def shell(desk: Path, platform: Platform, script: str) -> str:
    """What a script says that uses what the documents use: ./plut, curl, python3."""
    if shutil.which("curl") is None:
        pytest.skip("needs curl, as the document says; it isn't on this machine")
    done = subprocess.run(
        ["bash", "-euo", "pipefail"], input=script, cwd=desk, capture_output=True, text=True, timeout=300, check=False,
        env=os.environ | {"PLUT_STATE": str(platform.stack.layout.state), "LANG": "C.UTF-8"},
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@pytest.mark.slow
def test_the_commands_of_the_readme_work_as_they_stand(platform: Platform, desk: Path) -> None:
    # what the demo of `./plut up` has brought by then
    shell(desk, platform, f"./plut reference load regions {DATA}/batam-regions.csv")
    shell(desk, platform, f"./plut import enterprises {DATA}/sample-umkm-300.xlsx --unit 21.71 --commit")
    commands = []
    for file, text in fences():
        if file:
            (desk / file).write_text(text)
        else:
            commands.append(text)
    try:
        said = shell(desk, platform, "\n".join(commands))
    finally:
        queue = f"{broker.management_url(platform.stack.ports, platform.stack.passwords)}/api/queues/%2F/{QUEUE}"
        requests.delete(queue, timeout=10)
    for expected in (
        "staf.batam@plut.localhost",
        "Kepala PLUT Kota Batam",
        "Keripik",
        "Dapur Rini",
        "completed",
        "Batik Melayu Sari",
        '"ready":true',
    ):
        assert expected in said, said
