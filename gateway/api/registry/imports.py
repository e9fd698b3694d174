"""Files of the registry: uploads that become imports or reference data, and what is downloaded."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest.fields import Upload
from marshmallow import fields, validate

from contracts.api.registry import GetImportReport, ImportView, JobView, StartImport
from contracts.errors import NOT_FOUND, PlutError
from gateway.api.asking import answer, ask
from gateway.api.files import download, receive
from gateway.api.schemas.parts import Strict
from gateway.edge.blueprint import EdgeBlueprint, Operation
from gateway.edge.openapi import PREFIX
from gateway.edge.parsing import JsonText
from gateway.edge.sniffing import TABLES, TEXTS


class UploadImport(StartImport):
    """Take in an office's own workbook or a licence export, as a job."""

    file = Upload(
        required=True,
        metadata={
            "description": "The workbook (xlsx, xls, ods) or CSV; judged by its content, which must be what its name says."
        },
    )
    mapping = JsonText(  # type: ignore[assignment]
        metadata={"description": "Columns by sheet, as JSON; recognised when not given."}
    )

    class Meta(StartImport.Meta):
        """The file itself tells the rest."""

        exclude = ("name", "sha256", "size")


class UploadReference(Strict):
    """Load a reference file as a job: regions (`code,name`) or KBLI (`code,title`)."""

    file = Upload(required=True, metadata={"description": "CSV of two columns."})
    kind = fields.String(
        required=True,
        validate=validate.OneOf(("regions", "kbli")),
        metadata={"description": "What the file holds.", "example": "kbli"},
    )
    version = fields.Integer(
        validate=validate.Range(min=2015, max=2100), metadata={"description": "KBLI of which year.", "example": 2025}
    )


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_START = Operation(
    verb="POST", rule="/imports", id="registry.start_import", takes=UploadImport, multipart=True, answers=ImportView,
    status=202, versioned=True, located=True,
)  # fmt: skip
_LOAD = Operation(
    verb="POST", rule="/reference", id="registry.load_reference", takes=UploadReference, multipart=True,
    answers=JobView, status=202, located=True,
)  # fmt: skip
_REPORT = Operation(
    verb="GET", rule="/imports/<uuid:id>/report.csv", id="registry.get_import_report",
    takes=GetImportReport(exclude=("id",)), files=("text/csv",),
)  # fmt: skip
_FILE = Operation(verb="GET", rule="/jobs/<uuid:id>/file", id="registry.get_job_file", files=("text/csv", _XLSX))


def register(blueprint: EdgeBlueprint) -> None:
    """Add the endpoints whose bodies are files."""

    @blueprint.operation(_START)
    def start_import(asked: dict[str, Any]) -> Response:
        """Take in an office's own workbook or a licence export, as a job.

        The columns are recognised by themselves. Without `commit` it stops at a preview, for a person to look at. The
        same file twice changes nothing.
        """
        received = receive(asked.pop("file"), "registry", TABLES)
        request = asked | {"file": received.key, "name": received.name, "sha256": received.sha256}
        begun = ask("registry", "start_import", request | {"size": received.size})
        return answer(begun, status=202, versioned=True, location=f"{PREFIX}/registry/imports/{{id}}")

    @blueprint.operation(_LOAD)
    def load_reference(asked: dict[str, Any]) -> Response:
        """Load a reference file as a job: regions (`code,name`) or KBLI (`code,title`)."""
        received = receive(asked.pop("file"), "registry", TEXTS)
        begun = ask("registry", "load_reference", asked | {"file": received.key})
        return answer(begun, status=202, location=f"{PREFIX}/registry/jobs/{{id}}")

    @blueprint.operation(_REPORT)
    def get_import_report(asked: dict[str, Any], id: UUID) -> Response:  # noqa: A002 - the name in the path
        """The report of an import: `sheet,row,outcome,enterprise,candidate,reasons`."""
        return download(ask("registry", "get_import_report", asked | {"id": str(id)}))

    @blueprint.operation(_FILE)
    def get_job_file(id: UUID) -> Response:  # noqa: A002 - the name in the path
        """The file that a job has made, such as an export."""
        job = ask("registry", "get_job", {"id": str(id)})
        made = job.get("result") or {}
        if not made.get("file"):
            raise PlutError(NOT_FOUND, "This job has made no file (yet).", "Pekerjaan ini (belum) menghasilkan berkas.")
        return download(made)
