"""Read an import's file: every row parsed, compared with what is known, and kept for the preview. One transaction."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from chassis.database import driver_connection
from chassis.files import FileStore
from chassis.unit_of_work import UnitOfWork
from contracts.errors import PlutError
from services.registry.reading import Reading, Request, reading
from services.registry.storage import import_mappings, places
from services.registry.storage.nik_vault import hasher
from services.registry.storage.tables import imports
from services.registry.use_cases.compare_rows import compare_rows
from services.registry.workbook import WorkbookRefused


class NothingReadableError(PlutError):
    """No sheet can be read; `columns` tells what was found, for a person to say what it means."""

    columns: dict[str, Any]


def read_rows(*, uow: UnitOfWork, files: FileStore, import_: Any) -> Counter[str]:
    """Read the file anew and keep its rows; returns the number of rows by outcome.

    Raises PlutError `registry.file-refused` for a file that isn't a workbook of enterprises, with what to do about it.
    """
    connection = driver_connection(uow.session.connection())
    with _read(files, import_, connection, uow) as file:
        _plan(connection, import_, file)
        decisions = connection.execute(
            "SELECT number, fingerprint, decision FROM import_row WHERE import_id = %s AND decision IS NOT NULL",
            (import_.id,),
        ).fetchall()
        connection.execute("DELETE FROM import_row WHERE import_id = %s", (import_.id,))
        outcomes = compare_rows(uow, connection, import_, file.rows())
        for number, fingerprint, decision in decisions:
            connection.execute(
                "UPDATE import_row SET decision = %s WHERE import_id = %s AND number = %s AND fingerprint = %s"
                " AND outcome = 'review'",
                (decision, import_.id, number, fingerprint),
            )
    uow.session.execute(
        imports.update()
        .where(imports.c.id == import_.id)
        .values(
            columns=_columns(file),
            outcomes={name: outcomes[name] for name in ("new", "same", "review", "broken")},
            rows=outcomes.total(),
            analysed_at=uow.now,
            version=imports.c.version + 1,
        )
    )
    return outcomes


@contextmanager
def _read(files: FileStore, import_: Any, connection: psycopg.Connection[Any], uow: UnitOfWork) -> Iterator[Reading]:
    """The file being read; what is wrong with it is told while its rows come, so it is caught around all of that."""
    districts, villages = places.districts_and_villages(connection, import_.unit)
    try:
        with _local(files, import_.file) as path:
            request = Request(
                path=str(path.resolve()),
                districts=districts,
                villages=villages,
                known_kbli=places.known_kbli(connection),
                today=uow.now.date(),
                mapping=import_.mapping,
                secret=hasher().hash(str(import_.unit)),
            )
            with reading(request) as file:
                yield file
    except WorkbookRefused as refusal:
        raise PlutError("registry.file-refused", refusal.message_en, refusal.message_id, reason=refusal.code) from None
    except FileNotFoundError:
        raise PlutError(
            "registry.file-refused",
            "The file is no longer there; send it again.",
            "Berkas sudah tidak ada; kirim ulang.",
            reason="file_missing",
        ) from None


@contextmanager
def _local(files: FileStore, key: str) -> Iterator[Path]:
    """The file as a path of this machine."""
    path = files.local_path(key)
    if path is not None:
        yield Path(path)
        return
    with files.open(key) as source, tempfile.NamedTemporaryFile() as copy:
        shutil.copyfileobj(source, copy, 1 << 20)
        copy.flush()
        yield Path(copy.name)


def _plan(connection: psycopg.Connection[Any], import_: Any, file: Reading) -> None:
    try:
        file.plan()
        if import_.mapping is None:
            saved = import_mappings.find(connection, import_.unit, import_mappings.signature(_columns(file)))
            if saved:
                file.plan_anew(saved)
    except WorkbookRefused:
        raise
    except ValueError as error:
        raise PlutError(
            "registry.mapping-invalid",
            f"The mapping can't be used: {error}",
            f"Pemetaan kolom tidak dapat dipakai: {error}",
            fields={"mapping": [str(error)]},
        ) from None
    if not file.is_readable:
        refusal = NothingReadableError(
            "registry.file-refused",
            "No sheet has a header with a name of a business or an owner."
            ' Say what the columns mean, such as {"B": "owner_name"}, or check the file.',
            "Tidak ada lembar dengan judul kolom nama usaha atau nama pemilik."
            ' Tentukan arti kolom, misalnya {"B": "owner_name"}, atau periksa berkasnya.',
            reason="no_header",
            sheets=[{"sheet": sheet.name, "state": sheet.state} for sheet in file.sheets],
        )
        refusal.columns = _columns(file)
        raise refusal


def _columns(file: Reading) -> dict[str, Any]:
    """Headers, guesses and how sure they are, by sheet."""
    return {
        sheet.name: {
            "state": sheet.state,
            "header_rows": list(sheet.header_rows),
            "columns": [msgspec.to_builtins(column) for column in sheet.columns],
        }
        for sheet in file.sheets
    }
