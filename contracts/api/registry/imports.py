"""Requests and replies about imports."""

from __future__ import annotations

from marshmallow import fields

from contracts.api.fields import (
    OUTCOMES,
    Page,
    Reply,
    Request,
    choice,
    cursor,
    inner,
    limit,
    listing,
    mapping,
    moment,
    number,
    pattern,
    text,
    truth,
    unit,
    uuid,
    whole,
    yes,
)
from contracts.api.registry.duplicates import Reason

IMPORT_STATES = (
    "reading",
    "preview",
    "committing",
    "completed",
    "stopped",
    "failed",
    "undoing",
    "undone",
)


class StartImport(Request):
    """Take in a file that was put into the file store. The same file of the same unit, unfinished, is gone on with."""

    unit = unit(required=True)
    file = text("Key in the file store.", "registry/uploads/0197f0a2", most=300, required=True)
    name = text("The file's name.", "dinas-2171-5000.xlsx", most=300, required=True)
    sha256 = pattern(r"^[0-9a-f]{64}$", "SHA-256 of the file.", "0" * 64, required=True)
    size = whole("Bytes.", 812_345, least=0, load_default=0)
    commit = yes("Take the rows in at once, without waiting for a look at the preview.")
    mapping = mapping("Field by column letter or header; recognised when not given.", allow_none=True)


class GetImport(Request):
    """Read an import, by its own id or that of a job of its."""

    id = uuid("The import.", required=True)


class ListImports(Request):
    """Imports of a unit, newest first."""

    unit = unit()
    cursor = cursor()
    limit = limit()


class SetImportMapping(Request):
    """Correct what the columns mean, and read the file again. Kept for the unit's next file with the same header."""

    id = uuid("The import.", required=True)
    mapping = mapping(
        "Field by column letter or header, for all sheets; an empty text leaves a column out.",
        {"B": "owner_name", "Omzet": "sales"},
        required=True,
    )
    save = yes("Use it for the unit's next files of this layout.", default=True)


class CommitImport(Request):
    """Take in the rows of a preview."""

    id = uuid("The import.", required=True)


class StopImport(Request):
    """Stop after the rows that are being written."""

    id = uuid("The import.", required=True)


class ResumeImport(Request):
    """Go on where a stopped or failed import ended."""

    id = uuid("The import.", required=True)


class UndoImport(Request):
    """Take a whole import back. Rows on which something has been built since stay, and are listed."""

    id = uuid("The import, or its job.", required=True)


class ListImportRows(Request):
    """The rows of an import with what was found."""

    id = uuid("The import.", required=True)
    outcome = choice(OUTCOMES, "Only with this outcome.")
    cursor = cursor()
    limit = limit(100, 500)


class DecideImportRow(Request):
    """A person decides about a row for review: a repeat of its candidate, or a business of its own."""

    id = uuid("The import.", required=True)
    row = whole("The row's number in the import, as `number` of the listing.", 17, least=1, required=True)
    decision = choice(("different", "same"), "What it is.", required=True)


class GetImportReport(Request):
    """Put the report of an import into the file store: sheet,row,outcome,enterprise,candidate,reasons."""

    id = uuid("The import.", required=True)


class FileReply(Reply):
    """A file to download."""

    file = text("Key in the file store.", "registry/reports/0197f0a2.csv", most=300)
    name = text("Name to offer.", "laporan-dinas-2171.csv")
    media_type = text("Media type.", "text/csv")
    size = whole("Bytes.", 1_234)
    sha256 = text("SHA-256.", allow_none=True)
    once = truth("It is removed when it has been sent.")


class OutcomeCounts(Reply):
    """Rows by outcome."""

    new = whole("New enterprises.", 4_300)
    same = whole("Repeats of known ones.", 650)
    review = whole("Perhaps repeats: a person decides.", 40)
    broken = whole("Rows that could not be taken in.", 10)


class ImportView(Reply):
    """An import and how far it is."""

    id = uuid("The import; also the id of its first job.")
    job = uuid("The job that works on it now, or did last.")
    unit = unit()
    name = text("The file's name.", "dinas-2171-5000.xlsx", most=300)
    sha256 = text("SHA-256 of the file.")
    size = whole("Bytes.", 812_345)
    state = choice(IMPORT_STATES, "State.")
    commit = fields.Boolean(metadata={"description": "Whether the rows are taken in without asking again."})
    mapping = mapping("What a person said that columns mean.", allow_none=True)
    columns = fields.Dict(
        allow_none=True,
        metadata={
            "description": "Headers, guesses, how sure they are, and the shapes of some cells, by sheet; also after a"
            " file was refused because its headers say nothing."
        },
    )
    outcomes = inner(OutcomeCounts, "Rows by outcome.")
    rows = whole("Rows read.", 5_000)
    done = whole("Rows taken in.", 2_000)
    total = whole("Rows to take in.", 5_000, allow_none=True)
    seconds = number("Time spent working.", 4.2, 0, 10**9, allow_none=True)
    rows_per_second = number("Rows a second.", 1190.0, 0, 10**9, allow_none=True)
    kept = fields.List(fields.Dict(), metadata={"description": "After undoing: rows that stay, and why."})
    error = fields.Dict(allow_none=True, metadata={"description": "Why it failed: code, message_en, message_id."})
    version = whole("Raised by every change.", 3)
    created_at = moment("When it was started.")
    created_by = text("Who started it.")
    finished_at = moment("When it ended.", allow_none=True)


class ImportPage(Page):
    """Imports, newest first."""

    items = listing(ImportView, "Imports, newest first.")


class ImportRowView(Reply):
    """One row of an import."""

    number = whole("Number within the import.", 17)
    sheet = text("Sheet.", "UMKM 2026")
    row = whole("Row as the sheet shows it.", 23)
    outcome = choice(OUTCOMES, "What was found.")
    enterprise = uuid("The enterprise it became or repeats.", allow_none=True)
    candidate = uuid("The enterprise it perhaps repeats.", allow_none=True)
    decision = text("What a person decided.", "different", allow_none=True)
    reasons = listing(Reason, "Why.")
    cells = mapping("The cells as they were read, by field.")


class ImportRowPage(Page):
    """Rows in order."""

    items = listing(ImportRowView, "Rows in order.")
