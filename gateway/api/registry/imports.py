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
from gateway.api.files import FILE, download, receive, receives_file
from gateway.api.schemas import Strict
from gateway.edge.blueprint import EdgeBlueprint
from gateway.edge.openapi import PREFIX
from gateway.edge.parsing import JsonText

_BINARY = {"type": "string", "format": "binary"}


class UploadImport(StartImport):
    """Take in an office's own workbook or a licence export, as a job."""

    file = Upload(required=True, metadata={"description": "The workbook (xlsx, xls, ods) or CSV."})
    mapping = JsonText(metadata={"description": "Columns by sheet, as JSON; recognised when not given."})

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


def register(blueprint: EdgeBlueprint) -> None:
    """Add the endpoints whose bodies are files."""

    @blueprint.route("/imports", methods=["POST"])
    @blueprint.describe(operation_id="registry.start_import", versioned=True, location=True)
    @receives_file
    @blueprint.arguments(UploadImport, location="multipart")
    @blueprint.response(202, ImportView)
    def start_import(asked: dict[str, Any]) -> Response:
        """Take in an office's own workbook or a licence export, as a job.

        The columns are recognised by themselves. Without `commit` it stops at a preview, for a person to look at. The
        same file twice changes nothing.
        """
        received = receive(asked.pop("file"), "registry")
        request = asked | {"file": received.key, "name": received.name, "sha256": received.sha256}
        begun = ask("registry", "start_import", request | {"size": received.size})
        return answer(begun, status=202, versioned=True, location=f"{PREFIX}/registry/imports/{{id}}")

    @blueprint.route("/reference", methods=["POST"])
    @blueprint.describe(operation_id="registry.load_reference", location=True)
    @receives_file
    @blueprint.arguments(UploadReference, location="multipart")
    @blueprint.response(202, JobView)
    def load_reference(asked: dict[str, Any]) -> Response:
        """Load a reference file as a job: regions (`code,name`) or KBLI (`code,title`)."""
        received = receive(asked.pop("file"), "registry")
        begun = ask("registry", "load_reference", asked | {"file": received.key})
        return answer(begun, status=202, location=f"{PREFIX}/registry/jobs/{{id}}")

    @blueprint.route("/imports/<uuid:id>/report.csv")
    @blueprint.describe(operation_id="registry.get_import_report")
    @blueprint.arguments(GetImportReport(exclude=("id",)), location="query")
    @blueprint.response(200, _BINARY, content_type="text/csv", headers=FILE)
    def get_import_report(asked: dict[str, Any], id: UUID) -> Response:  # noqa: A002 - the name in the path
        """The report of an import: `sheet,row,outcome,enterprise,candidate,reasons`."""
        return download(ask("registry", "get_import_report", asked | {"id": str(id)}))

    @blueprint.route("/jobs/<uuid:id>/file")
    @blueprint.describe(operation_id="registry.get_job_file")
    @blueprint.response(200, _BINARY, content_type="application/octet-stream", headers=FILE)
    def get_job_file(id: UUID) -> Response:  # noqa: A002 - the name in the path
        """The file that a job has made, such as an export."""
        job = ask("registry", "get_job", {"id": str(id)})
        made = job.get("result") or {}
        if not made.get("file"):
            raise PlutError(NOT_FOUND, "This job has made no file (yet).", "Pekerjaan ini (belum) menghasilkan berkas.")
        return download(made)


