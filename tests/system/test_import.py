"""The main job, as a unit's officer does it: a real workbook over HTTP, and what follows from it."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from deploy.processes import ROOT
from tests.stack import Platform, eventually
from tests.system.listening import listening
from tests.system.people import Person, person

DATA = ROOT / "tests" / "data"
ENDED = {"completed", "preview", "failed", "stopped", "undone"}


@pytest.fixture(scope="module", autouse=True)
def regions(platform: Platform) -> None:
    """Districts and villages of the sample's city."""
    platform.load_regions()


@pytest.fixture
def officer(platform: Platform) -> Iterator[Person]:
    """Head of the office in Batam, with no imports before and after."""
    someone = person(platform, "head", "21.71")
    take_all_back(someone)
    yield someone
    take_all_back(someone)


def take_all_back(someone: Person) -> None:
    """Undo the unit's imports, the newest first."""
    for each in someone.get("/registry/imports", unit="21.71")["items"]:
        if each["state"] == "completed":
            someone.ask("POST", f"/registry/imports/{each['id']}/undo")
            wait(someone, each["id"])


def start(someone: Person, file: Path, **form: str) -> requests.Response:
    with file.open("rb") as opened:
        return someone.ask(
            "POST",
            "/registry/imports",
            files={"file": (file.name, opened)},
            data={"unit": "21.71", "commit": "true"} | form,
        )


def wait(someone: Person, import_id: str, seconds: float = 120) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        view: dict[str, Any] = someone.get(f"/registry/imports/{import_id}")
        return view if view["state"] in ENDED else None

    found = eventually(ended, seconds, 0.2)
    assert found
    return found


def take_in(someone: Person, file: Path) -> dict[str, Any]:
    answer = start(someone, file)
    assert answer.status_code == 202, answer.text
    view = wait(someone, answer.json()["id"])
    assert view["state"] == "completed", view["error"]
    return view


def report(someone: Person, import_id: str) -> list[dict[str, str]]:
    answer = someone.ask("GET", f"/registry/imports/{import_id}/report.csv")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_a_workbook_becomes_enterprises_events_and_a_report(platform: Platform, officer: Person) -> None:
    with listening(platform.amqp_url, "registry.*.*.21.71") as partner:
        done = take_in(officer, DATA / "sample-umkm-300.xlsx")
        outcomes = done["outcomes"]
        made = outcomes["new"] + outcomes["review"]
        assert sum(outcomes.values()) == done["rows"]
        assert made > 200

        eventually(lambda: len(partner.of("enterprise-registered")) == made and partner.of("import-completed"))
        assert len({event["id"] for event in partner.events}) == len(partner.events)
        assert re.search(r'"nik"|(?<![\w-])\d{16}(?![\w-])', json.dumps(partner.events)) is None

        rows = report(officer, done["id"])
        assert len(rows) == done["rows"]
        assert {event["subject"] for event in partner.of("enterprise-registered")} == {
            row["enterprise"] for row in rows if row["outcome"] in ("new", "review")
        }

        # the same file again, and under another name: nothing new, nothing published
        before = len(partner.gather())
        again = take_in(officer, DATA / "sample-umkm-300.xlsx")
        assert (again["outcomes"]["new"], again["outcomes"]["review"]) == (0, 0)
        eventually(lambda: platform.request("GET", "/registry/imports", params={"unit": "21.71"}).status_code == 200)
        changed = [event for event in partner.gather()[before:] if "import-completed" not in event["type"]]
        assert changed == []

        # taken back: everything is gone, and everybody is told
        undone = officer.ask("POST", f"/registry/imports/{done['id']}/undo")
        assert undone.status_code == 202, undone.text
        assert wait(officer, done["id"])["state"] == "undone"
        eventually(lambda: len(partner.of("enterprise-removed")) == made)
        gone = next(row["enterprise"] for row in rows if row["outcome"] == "new")
        assert officer.ask("GET", f"/registry/enterprises/{gone}").status_code == 404


def test_another_city_sees_nothing_of_it(platform: Platform, officer: Person) -> None:
    done = take_in(officer, DATA / "sample-umkm-300.xlsx")
    found = officer.get("/registry/enterprises", unit="21.71", limit=5)["items"]
    assert len(found) == 5
    stranger = person(platform, "head", "12.75")
    assert stranger.get("/registry/enterprises")["items"] == []
    for path in (
        f"/registry/enterprises/{found[0]['id']}",
        f"/registry/imports/{done['id']}",
        f"/registry/imports/{done['id']}/rows",
        f"/registry/imports/{done['id']}/report.csv",
        f"/registry/jobs/{done['job']}",
    ):
        assert stranger.ask("GET", path).status_code == 404, path
    assert start(stranger, DATA / "sample-oss-80.csv").status_code == 403
    province = person(platform, "province", "21")
    assert len(province.get("/registry/enterprises", limit=5)["items"]) == 5


def test_a_person_registered_by_hand_is_written_to_once(platform: Platform) -> None:
    officer = person(platform, "staff", "21.71")
    owner = f"siti-{officer.account['id'][:8]}@example.com"
    body = {
        "unit": "21.71",
        "name": "Dapur Uji Sistem",
        "kind": "perorangan",
        "owner": {"name": "Siti Uji", "nik": "2171014506900003", "phone": "0812 3456 7890", "email": owner},
    }
    key = {"Idempotency-Key": f"system-{officer.account['id']}"}
    first = officer.ask("POST", "/registry/enterprises", json=body, headers=key)
    assert first.status_code == 201, first.text
    again = officer.ask("POST", "/registry/enterprises", json=body, headers=key)
    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
    assert "2171014506900003" not in first.text
    mails = eventually(lambda: platform.mails(to=owner))
    assert len(mails) == 1
    assert "2171014506900003" not in json.dumps(mails)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "kosong.xlsx"),
        (b"%PDF-1.7 not a workbook", "daftar.xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "rusak.xls"),
        (b"PK\x03\x04" + b"\0" * 100, "rusak.xlsx"),
        (("a;b\n" + "x;" * 250 + "\n").encode(), "lebar.csv"),
    ],
)
def test_a_file_that_is_no_list_gets_a_clear_answer(officer: Person, tmp_path: Path, content: bytes, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    answer = start(officer, file)
    if answer.status_code == 202:
        view = wait(officer, answer.json()["id"])
        assert view["state"] == "failed"
        error = view["error"]
        assert error["message_id"]
        assert error["message_en"]
        assert error["code"] != "internal", error
    else:
        assert answer.status_code in (400, 413, 415, 422), answer.text


@pytest.mark.shared
def test_the_real_lists_are_scored_against_the_truth(officer: Person, shared_folder: Path, tmp_path: Path) -> None:
    truth = shared_folder / "data" / "imports" / "truth-2171-5000.csv"
    for name in ("dinas-2171-5000.xlsx", "oss-2171-5000.csv"):
        done = take_in(officer, shared_folder / "data" / "imports" / name)
        rows = officer.ask("GET", f"/registry/imports/{done['id']}/report.csv")
        path = tmp_path / f"{name}.report.csv"
        path.write_bytes(rows.content)
        score = subprocess.run(
            [sys.executable, shared_folder / "tools" / "score_import.py", path, truth, "--file", name, "--json"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if name.startswith("dinas"):
            assert score.returncode == 0, score.stdout + score.stderr
        else:
            # the scorer knows only one file: repeats of the first one are counted here
            assert done["outcomes"]["broken"] == 0
            assert done["outcomes"]["same"] > 0.9 * done["rows"], done["outcomes"]
