"""`python -m deploy.local.sweeper FOLDER`: wait until standard input closes, then end that stack and remove its folder."""

from __future__ import annotations

import shutil
import signal
import sys
from pathlib import Path

from deploy.local.layout import Layout
from deploy.local.ports import read
from deploy.local.temporary import stack_of


def main(folder: Path) -> None:
    """Sweep when the time has come."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # whoever ends early, the sweeping is still to be done
    sys.stdin.buffer.read()
    if read(Layout(folder).ports):
        stack_of(folder).kill()
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
