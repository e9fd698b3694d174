"""Key files of processes: read again when they have changed, so that keys rotate while everything runs."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")

#: Seconds between looks at a file that nobody is known to have changed.
_LOOK: Final = 1.0


class Watched(Generic[T]):
    """What is made of a JSON file, made anew after the file was replaced.

    A file that has become unusable is as if it hadn't changed: what was read before goes on being used.
    """

    def __init__(self, path: Path, read: Callable[[Any], T]) -> None:
        self._path = path
        self._read = read
        self._mark = self._look()
        self._value = read(json.loads(path.read_text()))
        self._next_look = time.monotonic() + _LOOK

    def value(self) -> T:
        """What the file holds, as of a second ago at most."""
        if time.monotonic() >= self._next_look:
            self.has_changed()
        return self._value

    def has_changed(self) -> bool:
        """Look at once; whether there was something new."""
        self._next_look = time.monotonic() + _LOOK
        try:
            mark = self._look()
            if mark == self._mark:
                return False
            self._value = self._read(json.loads(self._path.read_text()))
        except (OSError, ValueError, KeyError, TypeError):
            return False
        self._mark = mark
        return True

    def _look(self) -> tuple[int, int, int]:
        found = self._path.stat()
        return found.st_mtime_ns, found.st_ino, found.st_size


def write_private(file: Path, text: str) -> None:
    """Write a file that never was readable by others, and never half there."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)
