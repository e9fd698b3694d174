"""Write an import's report into the file store: `sheet,row,outcome,enterprise,candidate,reasons`, a line per data row."""

from __future__ import annotations

import csv
import io
from functools import lru_cache
from typing import Final
from uuid import UUID

from chassis.database import driver_connection
from chassis.files import FileStore
from chassis.unit_of_work import UnitOfWork
from services.registry.queries.imports import report_key
from services.registry.storage.import_rows import decode_reasons
from services.registry.storage.spreadsheet_cells import harmless

HEADER: Final = ("sheet", "row", "outcome", "enterprise", "candidate", "reasons")
_FETCH: Final = 2_000
_ROWS: Final = (
    "SELECT sheet, row, CASE WHEN decision = 'same' THEN 'same' ELSE outcome END,"
    " CASE WHEN decision = 'same' THEN candidate ELSE enterprise END::text,"
    " CASE WHEN decision = 'same' THEN NULL ELSE candidate END::text, reasons FROM import_row"
    " WHERE import_id = %s ORDER BY number"
)


def write_report(*, uow: UnitOfWork, files: FileStore, import_id: UUID) -> str:
    """Write it anew and return its key. Rows come through a server-side cursor, so memory doesn't grow with them.

    Reasons are "Indonesian | English", parted by semicolons. Cells that a spreadsheet would run as formulas are defused.
    """
    key = report_key(import_id)
    with files.open(key, "wb") as target, io.TextIOWrapper(target, "utf-8-sig", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(HEADER)
        with driver_connection(uow.session.connection()).cursor(name="report") as cursor:
            cursor.execute(_ROWS, (import_id,), binary=True)
            while rows := cursor.fetchmany(_FETCH):
                writer.writerows([(harmless(sheet), *others, _words(reasons)) for sheet, *others, reasons in rows])
    return key


@lru_cache(maxsize=4096)
def _words(reasons: bytes) -> str:
    """What was found, for people; most rows have nothing to tell, and the others much the same."""
    return str(harmless("; ".join(f"{text_id} | {text_en}" for _, text_id, text_en in decode_reasons(reasons))))
