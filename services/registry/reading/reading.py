"""The worker's side: start the reading process, agree on how the file is read, take its rows."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

import msgspec

from services.registry.domain.importing import ReadRow
from services.registry.reading.frames import (
    Answer,
    MappingInvalid,
    Planned,
    PlannedSheet,
    Refused,
    Request,
    Rows,
    receive,
    send,
)
from services.registry.workbook import WorkbookRefused

_ROOT: Final = Path(__file__).resolve().parents[3]
_decoder: Final[msgspec.msgpack.Decoder[Planned | Rows | Refused | MappingInvalid]] = msgspec.msgpack.Decoder(
    Planned | Rows | Refused | MappingInvalid
)


@dataclass(slots=True)
class Reading:
    """A file under way: its sheets as they will be read, then its rows, once."""

    _process: subprocess.Popen[bytes]
    _requests: IO[bytes]
    _answers: IO[bytes]
    sheets: tuple[PlannedSheet, ...] = field(default=())

    @property
    def is_readable(self) -> bool:
        """Whether any sheet can be read."""
        return any(sheet.state == "read" for sheet in self.sheets)

    def plan(self) -> None:
        """Take the plan. Raises WorkbookRefused, and ValueError for a mapping that can't be used."""
        message = self._next()
        assert isinstance(message, Planned)
        self.sheets = message.sheets

    def plan_anew(self, mapping: dict[str, str]) -> None:
        """Have it planned by another mapping. Raises as `plan`."""
        send(self._requests, Answer(mapping))
        self.plan()

    def rows(self) -> Iterator[tuple[int, ReadRow]]:
        """All data rows, each after its fingerprint. Raises WorkbookRefused where the file turns out to be damaged."""
        send(self._requests, Answer(None))
        while isinstance(message := self._next(), Rows) and message.rows:
            yield from message.rows

    def _next(self) -> Planned | Rows:
        message = receive(self._answers, _decoder)
        if isinstance(message, Refused):
            raise WorkbookRefused(message.code, **message.params)
        if isinstance(message, MappingInvalid):
            raise ValueError(message.reason)  # noqa: TRY004 - of a value, not of the message's type
        if message is None:
            if self._process.wait() < 0:  # killed, as the kernel does when memory runs out
                raise WorkbookRefused("damaged")
            raise RuntimeError("the reading process failed; its error is in the log")
        return message


@contextmanager
def reading(request: Request) -> Iterator[Reading]:
    """Start reading a file; the process ends with the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "services.registry.reading"],
        cwd=_ROOT,
        env={"PYTHONPATH": str(_ROOT)},  # neither passwords nor keys
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            send(process.stdin, request)
            yield Reading(process, process.stdin, process.stdout)
        finally:
            process.kill()
