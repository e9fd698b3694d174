"""The reading process: a request on its standard input, plan and rows on its standard output."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Final

import msgspec

from services.registry.domain.importing import ImportPlan, ReadRow, read_plan
from services.registry.domain.regions import Gazetteer
from services.registry.reading.frames import (
    Answer,
    MappingInvalid,
    Planned,
    PlannedSheet,
    Refused,
    Request,
    batches,
    receive,
    send,
)
from services.registry.workbook import WorkbookRefused, open_workbook

_BATCH: Final = 250
_encode: Final = msgspec.msgpack.Encoder().encode


def main() -> None:
    """Read one file. A parent that is gone ends it."""
    gc.disable()  # it lives for one file and makes no cycles; the collector would walk all cells again and again
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    request = receive(requests, msgspec.msgpack.Decoder(Request))
    if request is None:
        return
    try:
        sheets = open_workbook(Path(request.path)).sheets
        gazetteer = Gazetteer(request.districts, request.villages)
        mapping = request.mapping
        while True:
            try:
                plan = read_plan(
                    sheets, gazetteer=gazetteer, known_kbli=request.known_kbli, today=request.today, mapping=mapping
                )
            except WorkbookRefused:
                raise
            except ValueError as error:
                send(answers, MappingInvalid(str(error)))
                return
            send(answers, _planned(plan))
            answer = receive(requests, msgspec.msgpack.Decoder(Answer))
            if answer is None:
                return
            if answer.mapping is None:
                break
            mapping = answer.mapping
        for message in batches(_rows(plan, request.secret), _BATCH):
            send(answers, message)
    except WorkbookRefused as refusal:
        send(answers, Refused(refusal.code, dict(refusal.params)))


def _planned(plan: ImportPlan) -> Planned:
    return Planned(
        tuple(
            PlannedSheet(
                sheet.name,
                sheet.state,
                sheet.layout.header_rows if sheet.layout else (),
                sheet.layout.columns if sheet.layout else (),
            )
            for sheet in plan.sheets
        )
    )


def _rows(plan: ImportPlan, secret: bytes) -> Iterator[tuple[int, ReadRow]]:
    """Each row after its content as a number, equal for equal content: keyed, because NIKs are in it too."""
    for row in plan.rows():
        content = _encode((row.record, row.problems if row.record is None else None))
        yield int.from_bytes(blake2b(content, digest_size=8, key=secret).digest(), "big", signed=True), row


def _tell(error: Exception) -> None:
    """Log what failed without what it failed on, which may be somebody's number: as every process does."""
    from chassis import log  # noqa: PLC0415 (only where something failed: it would make every start slower)

    log.configure("reading")
    log.logger(__name__).error("reading failed", exc_info=error)


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:  # the parent is gone
        pass
    except Exception as failure:  # noqa: BLE001 - told as every process tells it
        _tell(failure)
        sys.exit(1)
