"""Enterprises, and what hangs on them."""

from __future__ import annotations

from gateway.api.endpoints import act, change, put, read
from gateway.edge.openapi import PREFIX

_ONE = "/enterprises/<uuid:id>"
_ITS = "/enterprises/<uuid:enterprise>"
_WHERE_REQUEST = f"{PREFIX}/registry/person-requests/{{id}}"
_WHERE = f"{PREFIX}/registry/enterprises/{{id}}"

ENDPOINTS = (
    act("/enterprises", "register_enterprise", status=201, versioned=True, location=_WHERE),
    # a NIK must not stand in an address, which ends up in histories and logs: it is searched for by POST
    read("/enterprises", "search_enterprises", unpublished=("nik",)),
    act("/enterprises/search", "search_enterprises", variant="_by_post"),
    read(_ONE, "get_enterprise", versioned=True),
    change(_ONE, "update_enterprise"),
    read(f"{_ONE}/history", "get_enterprise_history"),
    act(f"{_ONE}/measurements", "record_measurement", status=201, versioned=True),
    act(f"{_ONE}/transfer", "transfer_enterprise", versioned=True),
    act(f"{_ONE}/nik", "reveal_nik"),
    read("/access-log", "list_access_log"),
    # the same business twice
    read("/duplicates", "list_duplicates"),
    act("/duplicates/<uuid:id>/decision", "decide_duplicate"),
    act(f"{_ONE}/merge", "merge_enterprises", status=201),
    read("/merges", "list_merges"),
    act("/merges/<uuid:id>/undo", "undo_merge"),
    # what the owner allows
    act(f"{_ITS}/consents", "give_consent", status=201),
    read(f"{_ITS}/consents", "list_consents"),
    act("/consents/<uuid:id>/withdrawal", "withdraw_consent"),
    # what a person asks about their own data; the file is in persons.py
    act("/person-requests/export", "request_person_export", status=201, versioned=True, location=_WHERE_REQUEST),
    act("/person-requests/erasure", "request_person_erasure", status=201, versioned=True, location=_WHERE_REQUEST),
    read("/person-requests", "list_person_requests"),
    read("/person-requests/<uuid:id>", "get_person_request", versioned=True),
    # accompanied by a unit
    act(f"{_ITS}/binaan", "begin_binaan", status=201),
    read(f"{_ITS}/binaan", "list_binaan"),
    act(f"{_ITS}/binaan/end", "end_binaan"),
    # cooperatives
    read(f"{_ITS}/cooperative", "get_cooperative"),
    put(f"{_ITS}/cooperative", "put_cooperative"),
    act(f"{_ITS}/cooperative/rat", "record_rat", status=201),
)
"""Everything about enterprises that the registry offers."""
