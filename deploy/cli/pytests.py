"""Running pytest as a child that ends with us and sees nothing of a person's own platform."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import IO

from deploy.processes import ROOT


def command(*arguments: str) -> list[str]:
    """The command line; pytest finds its settings wherever it is called from."""
    return [
        sys.executable, "-P", "-m", "pytest",
        f"--rootdir={ROOT}", f"--config-file={ROOT / 'pyproject.toml'}", *arguments,
    ]  # fmt: skip


def start(
    command: Sequence[str], environment: dict[str, str], output: IO[str] | None = None
) -> subprocess.Popen[bytes]:
    """Start it; it gets SIGTERM when this process ends."""
    leash = ["setpriv", "--pdeathsig=TERM", "--"]
    # settings of a person's own platform must not reach the tests
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PLUT_")}
    return subprocess.Popen([*leash, *command], env=inherited | environment, stdout=output, stderr=output)


def wait(running: subprocess.Popen[bytes]) -> int:
    """Its exit status; Ctrl-C reaches it through the terminal, and it ends with a summary."""
    while True:
        try:
            return running.wait()
        except KeyboardInterrupt:
            continue
