"""What is known about a person, as a file: for the officer who hands it over, and for the owner."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from contracts.api.registry import GetMyFile, GetPersonFile
from gateway.api.asking import ask
from gateway.api.files import download
from gateway.edge.blueprint import EdgeBlueprint, Operation

_ZIP = "application/zip"
_FOR_OFFICER = Operation(
    verb="POST", rule="/person-requests/<uuid:id>/file", id="registry.get_person_file", takes=GetPersonFile(exclude=("id",)),
    files=(_ZIP,),
)  # fmt: skip
_FOR_OWNER = Operation(
    verb="POST",
    rule="/requests/<uuid:id>/file",
    id="registry.get_my_file",
    takes=GetMyFile(exclude=("id",)),
    files=(_ZIP,),
)


def register(about_enterprises: EdgeBlueprint, about_own: EdgeBlueprint) -> None:
    """Add the endpoints. They are POSTs, because who took the file is on record, and the request is settled by it."""

    @about_enterprises.operation(_FOR_OFFICER)
    def get_person_file(asked: dict[str, Any], id: UUID) -> Response:  # noqa: A002 - the name in the path
        """Hand over what an export has found about a person: a ZIP with a page to read and a JSON file per service.

        It holds identity numbers in full. That you took it is on record, and settles the request.
        """
        return download(ask("registry", "get_person_file", asked | {"id": str(id)}))

    @about_own.operation(_FOR_OWNER)
    def get_my_file(asked: dict[str, Any], id: UUID) -> Response:  # noqa: A002 - the name in the path
        """Everything that is known about you, as a ZIP: a page to read and a JSON file per service."""
        return download(ask("registry", "get_my_file", asked | {"id": str(id)}))
