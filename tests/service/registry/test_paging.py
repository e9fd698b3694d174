"""Cursors: a page's own leads to the next page of every listing; any other is refused, naming the field."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from contracts.api import registry as api
from contracts.errors import PlutError
from services.registry.queries.imports import list_import_rows, list_imports, list_jobs
from services.registry.queries.merges import list_duplicates, list_merges
from services.registry.queries.reference import list_kbli, list_regions
from services.registry.queries.relations import list_access_log
from services.registry.queries.search_enterprises import search_enterprises
from services.registry.use_cases.reveal_nik import reveal_nik
from tests.service.registry.registry import DATA, Registry

LISTINGS: dict[str, tuple[Any, Callable[..., Any], dict[str, Any]]] = {
    "access log": (api.ListAccessLog, list_access_log, {}),
    "merges": (api.ListMerges, list_merges, {}),
    "duplicates": (api.ListDuplicates, list_duplicates, {}),
    "imports": (api.ListImports, list_imports, {}),
    "jobs": (api.ListJobs, list_jobs, {}),
    "regions": (api.ListRegions, list_regions, {"parent": "21.71"}),
    "kbli": (api.ListKbli, list_kbli, {}),
    "search by words": (api.SearchEnterprises, search_enterprises, {"q": "siti"}),
    "search": (api.SearchEnterprises, search_enterprises, {}),
    "search by name": (api.SearchEnterprises, search_enterprises, {"sort": "name"}),
    "search by change": (api.SearchEnterprises, search_enterprises, {"sort": "-updated"}),
}


def encoded(position: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(position)).decode().rstrip("=")


MADE_UP = {
    "no base64": "%%%",
    "no JSON": "bm9uc2Vuc2U",
    "a number": encoded(5),
    "nothing": encoded([]),
    "too much": encoded(["a", "b", "c"]),
    "a list": encoded([["a"], ["b"]]),
    "an object": encoded({"a": 1}),
    "numbers": encoded([1, 2]),
    "a zero character": encoded(["\x00"]),
    "a zero character and an id": encoded(["\x00", "0197f0a2-5b7e-7c3d-9a41-3f2d8c1e6b90"]),
}


@pytest.mark.parametrize("listing", LISTINGS)
def test_a_made_up_cursor_is_refused(registry: Registry, listing: str) -> None:
    schema, query, request = LISTINGS[listing]
    for what, cursor in MADE_UP.items():
        with pytest.raises(PlutError) as refused:
            registry.call(schema, query, cursor=cursor, **request)
        assert (refused.value.code, list(refused.value.fields)) == ("invalid-request", ["cursor"]), what


def test_a_made_up_cursor_of_rows_is_refused(registry: Registry) -> None:
    begun = registry.begin_import(DATA / "sample-umkm-300.xlsx", commit=False)
    for cursor in (*MADE_UP.values(), encoded([str(2**31)]), encoded(["-1"])):
        with pytest.raises(PlutError, match="invalid-request"):
            registry.call(api.ListImportRows, list_import_rows, id=begun["id"], cursor=cursor)


def test_a_page_leads_to_the_next(registry: Registry) -> None:
    made = registry.register(owner_fields={"nik": "2171034107900001"})
    for number in range(3):
        registry.register(f"Toko {number}", f"Pemilik {number}")
        registry.call(api.RevealNik, reveal_nik, id=made["id"], purpose=f"Keperluan {number}")
    for listing, key in (("access log", "id"), ("regions", "code"), ("search by name", "id")):
        schema, query, request = LISTINGS[listing]
        whole = [item[key] for item in registry.call(schema, query, **request)["items"]]
        seen: list[Any] = []
        more: dict[str, Any] = {}
        while True:
            page = registry.call(schema, query, limit=2, **request, **more)
            seen += [item[key] for item in page["items"]]
            if page["next"] is None:
                break
            more = {"cursor": page["next"]}
        assert seen == whole, listing
