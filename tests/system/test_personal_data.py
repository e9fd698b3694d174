"""A person gets everything that is known about them as a file, and then the end of it: on the whole platform, by events."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import requests
from psycopg import sql

from deploy.local import database
from deploy.processes import DATABASES
from tests.stack import Platform, eventually
from tests.system.people import Person, person, sign_in_as_owner

NIK = "2171034107880002"


@pytest.fixture
def known() -> dict[str, str]:
    """What identifies the person."""
    mark = uuid.uuid4().hex[:8]
    return {
        "name": f"Rukmini Zubaidah {mark}",
        "business": f"Kerupuk Gonggong {mark}",
        "phone": f"+62813{uuid.uuid4().int % 10**8:08}",
        "email": f"rukmini-{mark}@example.com",
        "street": f"Gang Melati {mark}",
        "nik": NIK,
    }


def register(staff: Person, known: dict[str, str]) -> dict[str, Any]:
    body = {
        "unit": "21.71", "name": known["business"], "address": {"street": known["street"], "district": "21.71.03"},
        "owner": {name: known[name] for name in ("name", "phone", "email", "nik")},
    }  # fmt: skip
    made = staff.ask("POST", "/registry/enterprises", json=body)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    measured = {"as_of": "2026-01-02", "sales": 90_000_000, "capital": 20_000_000, "workers": 2}
    assert staff.ask("POST", f"/registry/enterprises/{found['id']}/measurements", json=measured).status_code == 201
    return found


def settled(head: Person, request: str, state: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = head.get(f"/registry/person-requests/{request}")
        return found if found["state"] == state else None

    found = eventually(look, 60)
    assert found is not None
    return found


def everything(platform: Platform) -> Iterator[tuple[str, str]]:
    """Every row of every table of every database, as text; bytes as the characters that they may be."""
    owner = database.owner_url(platform.stack.ports, platform.stack.passwords)
    for name in DATABASES:
        with psycopg.connect(owner.replace("{service}", name), options="-c plut.scope={}") as connection:
            connection.execute("SELECT set_config('plut.scope', %s, false)", ('{""}',))
            tables = connection.execute(
                "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'plut')"
            ).fetchall()
            for schema, table in tables:
                query = sql.SQL("SELECT * FROM {}").format(sql.Identifier(schema, table))
                for row in connection.execute(query):
                    cells = (bytes(cell).decode("latin-1") if isinstance(cell, bytes) else str(cell) for cell in row)
                    yield f"{name}.{schema}.{table}", " ".join(cells)


def where(platform: Platform, known: dict[str, str]) -> set[tuple[str, str]]:
    """In which tables something that identifies the person stands, and what."""
    return {
        (table, name) for table, row in everything(platform) for name, value in known.items() if value.lower() in row.lower()
    }  # fmt: skip


def nothing_left(platform: Platform, known: dict[str, str]) -> set[tuple[str, str]]:
    """Where something is left after ten seconds."""
    try:
        eventually(lambda: not where(platform, known), 10)
    except AssertionError:
        return where(platform, known)
    return set()


def test_a_person_gets_it_all_and_then_has_it_destroyed(platform: Platform, known: dict[str, str]) -> None:
    platform.load_regions()
    staff, head = person(platform, "staff", "21.71"), person(platform, "head", "21.71")
    enterprise = register(staff, known)
    token = sign_in_as_owner(platform, known["phone"])
    before = head.get("/registry/statistics")

    asked = staff.ask(
        "POST", "/registry/person-requests/export", json={"enterprise": enterprise["id"], "how": "spoken"}
    )
    assert asked.status_code == 201, asked.text
    request = settled(head, asked.json()["id"], "ready")
    assert {each["service"] for each in request["answers"]} == {"registry", "notifications", "gateway"}
    parts = list((platform.stack.layout.files / "registry" / "persons" / request["id"]).iterdir())
    assert not any(value.encode() in part.read_bytes() for part in parts for value in known.values())
    assert parts
    given = staff.ask("POST", f"/registry/person-requests/{request['id']}/file", json={})
    assert given.status_code == 200, given.text
    archive = zipfile.ZipFile(io.BytesIO(given.content))
    registry, gateway = (json.loads(archive.read(f"{name}.json")) for name in ("registry", "gateway"))
    assert registry["owners"][0]["nik"] == NIK
    assert gateway["accounts"][0]["phone"] == known["phone"]
    page = archive.read("data-pribadi.html").decode()
    assert all(value in page for value in known.values())
    assert head.get(f"/registry/person-requests/{request['id']}")["state"] == "closed"
    assert not list((platform.stack.layout.files / "registry" / "handed-over").iterdir())

    own = {"Authorization": f"Bearer {token}"}
    asked = platform.request("POST", "/registry/my/requests/export", token, json={"enterprise": enterprise["id"]})
    settled(head, asked.json()["id"], "ready")
    fetched = platform.request("POST", f"/registry/my/requests/{asked.json()['id']}/file", token, json={})
    assert NIK.encode() in zipfile.ZipFile(io.BytesIO(fetched.content)).read("registry.json")

    erase = {"enterprise": enterprise["id"], "confirm": "Bukan Namanya"}
    assert head.ask("POST", "/registry/person-requests/erasure", json=erase).status_code == 422
    assert where(platform, known)
    erased = head.ask("POST", "/registry/person-requests/erasure", json=erase | {"confirm": known["name"].upper()})
    assert erased.status_code == 201, erased.text
    settled(head, erased.json()["id"], "closed")
    # the registry's own event reaches notifications a moment later
    assert nothing_left(platform, known) == set()
    assert head.get(f"/registry/enterprises/{enterprise['id']}")["state"] == "erased"
    after = head.get("/registry/statistics")
    assert (after["total"], after["by_size"]) == (before["total"], before["by_size"])
    ended = requests.get(f"{platform.api}/me", headers=own, timeout=20)
    assert ended.status_code == 401
    told = [each["template"] for each in head.get("/notifications/inbox")["items"]]
    assert {"unit-person-export-completed", "unit-person-erasure-completed"} <= set(told)
