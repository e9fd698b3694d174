"""flask-smorest's blueprint with our parser, and with the headers and problems of every operation in the document."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any, ClassVar

from flask_smorest import Blueprint

from gateway.edge.parsing import StrictParser

View = Callable[..., Any]


class EdgeBlueprint(Blueprint):  # type: ignore[misc]
    """Blueprint of the API."""

    ARGUMENTS_PARSER = StrictParser()
    DEFAULT_LOCATION_CONTENT_TYPE_MAPPING: ClassVar = {
        **Blueprint.DEFAULT_LOCATION_CONTENT_TYPE_MAPPING,
        "multipart": "multipart/form-data",
    }

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._prepare_doc_cbks.append(self._prepare_edge_doc)

    @staticmethod
    def describe(
        *,
        operation_id: str,
        versioned: bool = False,
        if_match: bool | None = None,
        location: bool = False,
        keyed: bool | None = None,
        open_to_all: bool = False,
    ) -> Callable[[View], View]:
        """What the document says beyond the schemas.

        `if_match` is whether If-Match is required, None where it plays no part; `keyed` whether an Idempotency-Key is
        asked for (every POST unless told otherwise).
        """
        told = {
            "operation_id": operation_id,
            "versioned": versioned,
            "if_match": if_match,
            "location": location,
            "keyed": keyed,
            "open_to_all": open_to_all,
        }

        def decorator(view: View) -> View:
            doc = deepcopy(getattr(view, "_apidoc", {}))
            doc["edge"] = told
            view._apidoc = doc  # type: ignore[attr-defined]  # noqa: SLF001 - where flask-smorest keeps it
            return view

        return decorator

    @staticmethod
    def _prepare_edge_doc(doc: dict[str, Any], info: dict[str, Any], *, method: str, **_: Any) -> dict[str, Any]:
        told = info.get("edge", {})
        doc["operationId"] = told.get("operation_id", "")
        parameters = doc.setdefault("parameters", [])
        keyed = method == "post" if told.get("keyed") is None else told["keyed"]
        problems = {400: method != "get", 401: not told.get("open_to_all"), 403: not told.get("open_to_all")}
        problems |= {413: method != "get", 415: method != "get", 422: True}
        if keyed:
            parameters.append("IDEMPOTENCY_KEY")
        if told.get("if_match") is not None:
            parameters.append("IF_MATCH" if told["if_match"] else "IF_MATCH_OPTIONAL")
            problems |= {412: True, 428: told["if_match"]}
        success = [doc["responses"][status] for status in info.get("success_status_codes", [])]
        for response in success:
            headers = response.setdefault("headers", {})
            headers["X-Correlation-Id"] = "CORRELATION_ID"
            if told.get("versioned"):
                headers["ETag"] = "ETAG"
            if told.get("location"):
                headers["Location"] = "LOCATION"
            if keyed:
                headers["Idempotency-Replayed"] = "IDEMPOTENCY_REPLAYED"
        if told.get("versioned") and method == "get":
            parameters.append("IF_NONE_MATCH")
            doc["responses"][304] = "NOT_MODIFIED"
        if told.get("open_to_all"):
            doc["security"] = []
        for status, happens in {**problems, 404: True, 409: method != "get", 503: True, 504: True}.items():
            if happens:
                doc["responses"][status] = f"PROBLEM_{status}"
        doc["responses"]["default"] = "PROBLEM"
        return doc
