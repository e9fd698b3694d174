"""What is told of a promise, and of the way there: one JSON object per line, for `./plut chaos`."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

REPORT = "PLUT_CHAOS_REPORT"
"""Environment variable: the file that the lines go to; none are written without it."""

LOGS = "PLUT_CHAOS_LOGS"
"""Environment variable: the folder where the processes' logs are kept when a promise was broken."""


@dataclass(slots=True)
class Outcome:
    """One promise, tried. Times in seconds; `load` is requests that were answered."""

    promise: str
    seconds: float = 0.0
    load: int = 0
    rate: float = 0.0
    faults: int = 0
    injected: dict[str, int] = field(default_factory=dict)
    committed: int = 0
    lost: int = 0
    repeated: int = 0
    swapped: int = 0
    longest_silence: float = 0.0
    slowest_answer: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    passed: bool = False
    why: str = ""


def tell(outcome: Outcome) -> None:
    """A promise is done."""
    _write({"outcome": asdict(outcome)})


def say(promise: str, text: str) -> None:
    """Something has happened on the way."""
    _write({"promise": promise, "says": text})


def keep_logs(promise: str, logs: Path) -> None:
    """Copy the logs of a platform that broke a promise, which is gone soon."""
    folder = os.environ.get(LOGS)
    if folder:
        shutil.copytree(logs, Path(folder) / promise, dirs_exist_ok=True)


def _write(line: dict[str, Any]) -> None:
    file = os.environ.get(REPORT)
    if file:
        with Path(file).open("a") as stream:
            stream.write(json.dumps(line) + "\n")
