"""Identity numbers put in by every way that there is: made, typed, uploaded, searched for, shown, and in the wrong places."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Iterable
from typing import Any

import openpyxl
import requests

from tests.stack import Platform, eventually
from tests.system.people import person

UNIT, NEIGHBOUR = "13.71", "13.72"
_ENDED = {"completed", "preview", "failed", "stopped", "undone", "succeeded"}
_HEADERS = ("Nama Usaha", "Nama Pemilik", "NIK", "NPWP", "No HP", "NIB", "Alamat")


class Seeds:
    """Puts numbers of one stem in, and keeps every answer; `revealed` are those that were asked to show one."""

    def __init__(self, platform: Platform, stem: str) -> None:
        self.stem = stem
        self.numbers: list[str] = []
        self.answers: list[requests.Response] = []
        self.revealed: list[requests.Response] = []
        self.api = platform.api
        self._token = person(platform, "head", UNIT).token
        platform.load_regions(f"{UNIT},KOTA PADANG", f"{NEIGHBOUR},KOTA SOLOK")
        for unit in (UNIT, NEIGHBOUR):
            assert platform.request("PUT", f"/registry/units/{unit}", json={"name": f"PLUT {unit}"}).ok

    def number(self) -> str:
        """One more."""
        self.numbers.append(f"{self.stem}{len(self.numbers) + 1:04d}")
        return self.numbers[-1]

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        """Call the API as the head of the unit."""
        answer = self._ask(method, path, **options)
        self.answers.append(answer)
        return answer

    def _ask(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": str(uuid.uuid4())}
        headers |= options.pop("headers", {})
        return requests.request(method, f"{self.api}{path}", headers=headers, timeout=30, **options)

    # --- ways in ------------------------------------------------------------------------------------------------

    def register(self, number: str) -> dict[str, Any]:
        """A business whose owner has the number."""
        name = f"Usaha {uuid.uuid4().hex[:10]}"
        body = {"unit": UNIT, "name": name, "owner": {"name": f"Ibu {name[6:]}", "nik": number}}
        refused = self.ask("POST", "/registry/enterprises", json=body)
        made = (
            refused if refused.ok else self.ask("POST", "/registry/enterprises", json=body | {"even_if_similar": True})
        )
        assert made.status_code == 201, made.text
        found: dict[str, Any] = made.json()
        return found

    def one_by_one(self) -> None:
        """Register, change, search, show, merge and take back."""
        first, second = self.number(), self.number()
        kept, other = self.register(first), self.register(first)
        path = f"/registry/enterprises/{kept['id']}"
        for version in (99, kept["version"]):
            change = {"owner": {"nik": second}}
            self.ask("PATCH", path, json=change, headers={"If-Match": f'"{version}"'})
        self.search(second)
        self.reveal(kept["id"])
        version = self.ask("GET", path).json()["version"]
        body = {
            "expected_version": version,
            "other": other["id"],
            "other_version": other["version"],
            "take": {"owner": "other"},
        }
        merged = self.ask("POST", f"{path}/merge", json=body)
        assert merged.status_code == 201, merged.text
        self.ask("POST", f"/registry/merges/{merged.json()['id']}/undo", json={})
        version = self.ask("GET", path).json()["version"]
        moved = {"expected_version": version, "to_unit": NEIGHBOUR, "consent_how": "spoken"}
        handed_over = self.ask("POST", f"{path}/transfer", json=moved)
        assert handed_over.ok, handed_over.text

    def search(self, number: str) -> None:
        """By POST, as it is meant, and in the address, as it isn't."""
        found = self.ask("POST", "/registry/enterprises/search", json={"nik": number, "limit": 1})
        assert found.json()["items"], found.text
        for field in ("nik", "q", "owner", "phone", "cursor"):
            self.ask("GET", "/registry/enterprises", params={field: number})
        # a field's name is told to who has made it up
        self._ask("GET", "/registry/enterprises", params={number: number})
        self._ask("POST", "/registry/enterprises", json={number: number})
        self.ask("POST", "/registry/enterprises/search", json={"q": number})

    def reveal(self, enterprise: str) -> None:
        """Shown in full, and asked for again with the same key."""
        key = {"Idempotency-Key": str(uuid.uuid4())}
        for _ in range(2):
            body = {"purpose": "Pengajuan P-IRT"}
            shown = self._ask("POST", f"/registry/enterprises/{enterprise}/nik", json=body, headers=key)
            assert self.stem in shown.text, shown.text
            self.revealed.append(shown)

    def in_wrong_places(self) -> None:
        """Where people and programs put them by mistake: each is refused, or comes to nothing."""
        number = self.number()
        for body in (
            {"unit": UNIT, "name": "Salah", "owner": {"name": "Salah", "nik": f"{number}7"}},
            {"unit": UNIT, "name": "Salah", "owner": {"name": "Salah", "nik": f"99{number[2:]}"}, "npwp": number},
            {"unit": UNIT, "name": "Salah", "owner": {"name": "Salah"}, "npwp": number},
            {"unit": UNIT, "name": "Salah", "owner": {"name": "Salah", "phone": number}, "nib": number, "kbli": number},
            {"unit": number, "founded": number, "owner": {"birth_date": number}},
            [number], number,
        ):  # fmt: skip
            assert not self.ask("POST", "/registry/enterprises", json=body).ok
        for path in (
            f"/registry/enterprises/{number}",
            f"/{number}",
            f"/registry/units/{number}",
            f"/accounts/{number}",
        ):
            assert not self.ask("GET", path).ok
            assert not self.ask("POST", path, data=f'{{"nik": "{number}"').ok
        for header in (
            "Idempotency-Key",
            "X-Correlation-Id",
            "If-Match",
            "If-None-Match",
            "Accept-Language",
            "traceparent",
        ):
            self.ask("POST", "/registry/enterprises/search", json={"q": "x"}, headers={header: number})
            body = {"unit": UNIT, "name": f"Usaha {uuid.uuid4().hex}", "owner": {"name": "Budi"}}
            self.ask("POST", "/registry/enterprises", json=body, headers={header: f"id-{number}"})
        for path, body in (
            ("/session", {"email": number, "password": number}),
            ("/session", {"email": f"{number}@example.com", "password": "kuda sawah biru 7"}),
            ("/session/phone", {"phone": number}),
            ("/session/phone/confirm", {"phone": number, "code": number}),
            ("/password/forgotten", {"email": f"{number}@example.com"}),
            ("/password", {"token": number, "password": number}),
        ):
            self.answers.append(requests.post(f"{self.api}{path}", json=body, timeout=30))

    def lists(self) -> None:
        """Uploads: as text, as numbers, damaged, under other headers, without headers, as an NPWP, in a file's name."""
        rows = [
            ("Sari", self.number(), None, None, None), ("Dewi", int(self.number()), None, None, None),
            ("Panjang", f"{self.number()}7", None, None, None), ("Pendek", self.number()[:15], None, None, None),
            ("Npwp", self.number(), self.number(), None, None), ("Hp", None, None, self.number(), None),
            ("Nib", None, None, None, self.number()), ("Spasi", " ".join(self.number()), None, None, None),
            ("Petik", f"'{self.number()}", None, None, None), ("Salah", f"99{self.number()[2:]}", None, None, None),
        ]  # fmt: skip
        listed = [
            (f"Toko {name}", f"Ibu {name}", nik, npwp, phone, nib, "Jl. Kaji 1") for name, nik, npwp, phone, nib in rows
        ]
        listed.append(listed[0])
        self.take_in("daftar.xlsx", _workbook([_HEADERS, *listed]))
        self.take_in(f"{self.number()}.csv", _delimited([_HEADERS, *listed[:2]]))
        headless = [(f"Warung {n}", f"Pak {n}", self.number(), "Jl. Kaji 2") for n in range(6)]
        self.take_in("tanpa-judul.csv", _delimited(headless))
        under_other = [("Nama Usaha", "No HP", "Keterangan"), *((f"Kios {n}", self.number(), "-") for n in range(6))]
        self.take_in("judul-lain.csv", _delimited(under_other))
        number = self.number()
        titled = [(f"Data NIK {number}",), ("Nama Usaha", f"NIK ({number})"), ("Kedai", number)]
        self.take_in("judul.csv", _delimited(titled))

    def take_in(self, name: str, content: bytes) -> None:
        """An import, looked at from all sides, taken in, reported, and the same once more."""
        for commit in ("false", "true"):
            form = {"unit": UNIT, "commit": commit}
            begun = self.ask("POST", "/registry/imports", files={"file": (name, content)}, data=form)
            if begun.status_code != 202:
                return
            path = f"/registry/imports/{begun.json()['id']}"
            self._wait(path)
            for more in ("", "/rows", "/report.csv"):
                self.ask("GET", f"{path}{more}")

    def exports(self) -> None:
        """What was put in, searched for by a number, as both kinds of file."""
        for kind in ("csv", "xlsx"):
            body = {"format": kind, "search": {"nik": self.numbers[1]}}
            begun = self.ask("POST", "/registry/exports", json=body).json()
            assert self._wait(f"/registry/jobs/{begun['id']}")["state"] == "succeeded"
            assert self.ask("GET", f"/registry/jobs/{begun['id']}/file").ok

    def looks(self) -> None:
        """Everything that lists what was done."""
        for path in (
            "/audit", "/registry/access-log", "/registry/jobs", "/registry/imports", "/registry/duplicates", "/registry/merges",
            "/registry/statistics", "/notifications/messages", "/registry/enterprises", "/me/sign-ins",
        ):  # fmt: skip
            self.ask("GET", path)

    def _wait(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = eventually(
            lambda: (at := self.ask("GET", path).json())["state"] in _ENDED and at, 60, 0.2
        )
        return found


def ways(seeds: Seeds) -> Iterable[Callable[[], None]]:
    """Every way in."""
    return seeds.one_by_one, seeds.in_wrong_places, seeds.lists, seeds.exports, seeds.looks


def _workbook(rows: Iterable[tuple[Any, ...]]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def _delimited(rows: Iterable[tuple[Any, ...]]) -> bytes:
    return "\n".join(";".join("" if cell is None else str(cell) for cell in row) for row in rows).encode()
