"""Keys of identity numbers are replaced while everything runs, and what was sealed can be found and opened all the time."""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from chassis.key_files import write_private
from chassis.sealing import SealError, key_service, open_sealed, sealer
from chassis.sealing.master import FileKeyService, WrapError, read_master_keys
from chassis.settings import SettingsError
from chassis.unit_of_work import UnitOfWork
from contracts.access import OPERATOR, STAFF, AccessContext, Grant
from contracts.api import registry as api
from services.registry.queries.search_enterprises import search_enterprises
from services.registry.storage.nik_vault import hasher
from services.registry.use_cases.reveal_nik import reveal_nik
from services.registry.use_cases.rotate_keys import start_rotation
from services.registry.use_cases.transfer_enterprise import transfer_enterprise
from tests.service.registry.conftest import forget_keys
from tests.service.registry.registry import BATAM, DATA, Registry

NIKS = ("3171074502850003", "2171010101900001", "2171014203950007")
LIST = DATA / "sample-umkm-300.xlsx"


class KeyFile:
    """The file that PLUT_DATA_KEY_FILE names, changed as an operator would."""

    def __init__(self, path: Path, content: dict[str, Any]) -> None:
        self.path = path
        self.content = content
        self.write()

    def write(self) -> None:
        write_private(self.path, json.dumps(self.content))
        forget_keys()

    def add(self, kind: str, name: str = "") -> None:
        key = base64.b64encode(os.urandom(32)).decode()
        self.content[kind].insert(0, {"id": name, "key": key} if kind == "master" else key)
        self.write()

    def drop_old(self, kind: str) -> None:
        del self.content[kind][1:]
        self.write()


@pytest.fixture
def keys(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyFile]:
    registry.look.execute("TRUNCATE plut.data_key")
    content = json.loads(Path(registry.corner.environment["PLUT_DATA_KEY_FILE"]).read_text())
    monkeypatch.setenv("PLUT_DATA_KEY_FILE", str(tmp_path / "keys"))
    write_private(tmp_path / "keys", json.dumps(content))
    forget_keys()
    yield KeyFile(tmp_path / "keys", content)
    forget_keys()


def register(registry: Registry) -> list[Any]:
    names = ("Dapur Siti", "Salon Ayu", "Bengkel Budi")
    return [
        registry.register(name, f"Pemilik {name}", owner_fields={"nik": nik})["id"]
        for name, nik in zip(names, NIKS, strict=True)
    ]


def rotate(registry: Registry, what: str, **more: Any) -> list[Any]:
    context = AccessContext(account="op", name="Operator", grants=(Grant(OPERATOR, ""),))
    with UnitOfWork(registry.database, context) as uow:
        jobs = start_rotation(uow=uow, request={"what": what, **more})["items"]
    registry.run_jobs()
    return registry.look.execute(
        "SELECT state, result, error FROM plut.job WHERE id = ANY(%s) ORDER BY id", ([job["id"] for job in jobs],)
    ).fetchall()


def all_open(registry: Registry, ids: list[Any]) -> bool:
    shown = [registry.call(api.RevealNik, reveal_nik, id=each, purpose="Pengajuan P-IRT")["nik"] for each in ids]
    found = [
        [item["id"] for item in registry.call(api.SearchEnterprises, search_enterprises, nik=nik)["items"]]
        for nik in NIKS
    ]
    return shown == list(NIKS) and found == [[each] for each in ids]


def sealed(registry: Registry) -> set[bytes]:
    return {row[0] for row in registry.look.execute("SELECT nik_ciphertext FROM owner")}


def test_a_unit_has_a_key_of_its_own_which_no_database_has_in_clear(registry: Registry, keys: KeyFile) -> None:
    register(registry)
    rows = registry.look.execute("SELECT unit, master, octet_length(wrapped) FROM plut.data_key").fetchall()
    assert rows == [(BATAM, keys.content["master"][0]["id"], 12 + 32 + 16)]


def test_the_master_key_is_replaced_and_the_old_one_goes(registry: Registry, keys: KeyFile) -> None:
    ids, before = register(registry), sealed(registry)
    keys.add("master", "next")
    assert all_open(registry, ids)
    assert rotate(registry, "master") == [("succeeded", {"data_keys": 1}, None)]
    keys.drop_old("master")
    assert all_open(registry, ids)
    assert sealed(registry) == before


@pytest.mark.usefixtures("keys")
def test_a_unit_gets_a_new_key_and_the_old_one_is_destroyed(registry: Registry) -> None:
    ids, before = register(registry), sealed(registry)
    old = registry.look.execute("SELECT id FROM plut.data_key").fetchone()
    assert rotate(registry, "data") == [("succeeded", {"numbers": 3, "keys_destroyed": 1}, None)]
    assert sealed(registry).isdisjoint(before)
    assert registry.look.execute("SELECT count(*), bool_and(id <> %s) FROM plut.data_key", old or ()).fetchone() == (
        1,
        True,
    )
    assert all_open(registry, ids)


def test_the_index_key_is_replaced_and_numbers_are_found_all_the_time(registry: Registry, keys: KeyFile) -> None:
    ids = register(registry)
    keys.add("index")
    assert all_open(registry, ids)
    with pytest.raises(Exception, match="registered already"):
        registry.register("Dapur Siti", "Pemilik Dapur Siti", owner_fields={"nik": NIKS[0]})
    assert rotate(registry, "index", unit=BATAM) == [("succeeded", {"numbers": 3}, None)]
    keys.drop_old("index")
    assert hasher().keys == 1
    assert all_open(registry, ids)


@pytest.mark.parametrize("what", ["data", "index"])
def test_a_list_that_was_imported_before_is_the_same_after(registry: Registry, keys: KeyFile, what: str) -> None:
    registry.take_in(LIST)
    made = registry.look.execute("SELECT count(*) FROM enterprise").fetchone()
    if what == "index":
        keys.add("index")
        registry.take_in(LIST)
        assert registry.look.execute("SELECT count(*) FROM enterprise").fetchone() == made
    assert [row[0] for row in rotate(registry, what)] == ["succeeded"]
    registry.take_in(LIST)
    assert registry.look.execute("SELECT count(*) FROM enterprise").fetchone() == made


@pytest.mark.usefixtures("keys")
def test_registrations_go_on_while_a_unit_gets_new_keys(registry: Registry) -> None:
    stopping, made, failures = threading.Event(), [], []

    def work() -> None:
        number = 0
        while not stopping.is_set():
            number += 1
            nik = f"21710101019{number % 100:02d}{number:03d}"
            try:
                one = registry.register(uuid4().hex, uuid4().hex, owner_fields={"nik": nik})
                made.append((one["id"], nik))
            except Exception as error:  # noqa: BLE001 - any is a failure here
                failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    while len(made) < 3 and not failures:
        pass
    states = [rotate(registry, "data")[0][0] for _ in range(4)]
    stopping.set()
    thread.join()
    assert failures == []
    assert states == ["succeeded"] * 4
    for each, nik in made:
        assert registry.call(api.RevealNik, reveal_nik, id=each, purpose="Pengajuan P-IRT")["nik"] == nik


@pytest.mark.usefixtures("keys")
def test_a_number_that_moves_to_another_unit_is_sealed_with_that_units_key(registry: Registry) -> None:
    one = registry.register(owner_fields={"nik": NIKS[0]})
    registry.call(
        api.TransferEnterprise,
        transfer_enterprise,
        id=one["id"],
        expected_version=one["version"],
        to_unit="21.72",
        consent_how="paper",
    )
    shown = registry.call(api.RevealNik, reveal_nik, scope="21.72", id=one["id"], purpose="Pengajuan P-IRT")
    assert shown["nik"] == NIKS[0]
    assert {row[0] for row in registry.look.execute("SELECT unit FROM plut.data_key")} == {BATAM, "21.72"}


@pytest.mark.usefixtures("keys")
def test_what_is_sealed_opens_for_its_own_row_and_within_its_units_scope_only(registry: Registry) -> None:
    staff = AccessContext(account="a", name="A", grants=(Grant(STAFF, BATAM),))
    with UnitOfWork(registry.database, staff) as uow:
        value = sealer(uow, BATAM)(b"secret", b"one")
        assert open_sealed(uow, value, about=b"one") == b"secret"
        for broken in (b"", b"x" * 60, value[:-1] + b"x", value[:17] + bytes(12) + value[29:]):
            with pytest.raises(SealError):
                open_sealed(uow, broken, about=b"one")
        with pytest.raises(SealError, match="something else"):
            open_sealed(uow, value, about=b"two")
    elsewhere = AccessContext(account="b", name="B", grants=(Grant(STAFF, "21.72"),))
    with UnitOfWork(registry.database, elsewhere) as uow, pytest.raises(SealError, match="not within reach"):
        open_sealed(uow, value, about=b"one")


def test_a_wrapped_key_that_was_given_to_another_unit_does_not_open(keys: KeyFile) -> None:
    service = FileKeyService(read_master_keys(keys.content))
    made = service.new_data_key(b"21.71/a")
    assert service.open_data_key(made.wrapped, made.master, b"21.71/a") == made.plain
    with pytest.raises(WrapError, match="another place"):
        service.open_data_key(made.wrapped, made.master, b"21.72/a")
    with pytest.raises(WrapError, match="no master key 'gone'"):
        service.open_data_key(made.wrapped, "gone", b"21.71/a")


def test_keys_may_come_from_the_environment(keys: KeyFile, monkeypatch: pytest.MonkeyPatch, registry: Registry) -> None:
    ids = register(registry)
    monkeypatch.setenv("PLUT_DATA_KEYS", json.dumps(keys.content))
    monkeypatch.setenv("PLUT_DATA_KEY_FILE", "/nowhere")
    forget_keys()
    assert all_open(registry, ids)
    monkeypatch.setenv("PLUT_DATA_KEYS", '{"master": [{"id": "1", "key": "c2hvcnQ="}], "index": []}')
    forget_keys()
    with pytest.raises(SettingsError, match="PLUT_DATA_KEY_FILE can't be used") as raised:
        key_service()
    assert "c2hvcnQ" not in str(raised.value)
