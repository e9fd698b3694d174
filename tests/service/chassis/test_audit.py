"""What is on record can't be changed unnoticed, and writers don't wait for each other."""

from __future__ import annotations

import base64
import json
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from chassis.audit.anchors import anchors_of, drop_anchor
from chassis.audit.check import find_faults
from chassis.audit.keys import AuditKeys
from chassis.database import Database
from chassis.files import FileStore
from chassis.settings import Settings, SettingsError
from chassis.unit_of_work import UnitOfWork
from contracts.access import STAFF, SYSTEM, AccessContext, Grant
from contracts.errors import PlutError
from deploy.local.stack import LocalStack
from deploy.processes import ROOT
from tests.stack import Corner

SARI = AccessContext(account="sari", name="Sari", grants=(Grant(STAFF, "21.71"),), purpose="konsultasi")
DETAIL = {"count": 3, "share": 0.5, "names": ["a", "ü"], "none": None, "deep": {"b": 1, "a": True}}


class Record:
    """A database with what is on record, and its owner, who may change everything."""

    def __init__(self, corner: Corner) -> None:
        self.corner = corner
        self.settings = Settings.from_environment(corner.environment)
        self.database = Database(self.settings, "registry", pool_size=10)
        self.owner: psycopg.Connection[Any] = corner.connect("registry")
        self.files = FileStore(self.settings)

    def write(self, count: int = 1) -> None:
        for number in range(count):
            with UnitOfWork(self.database, SARI) as uow:
                uow.audit("enterprise.updated", subject=uow.new_id(), unit="21.71", detail=DETAIL | {"number": number})

    def faults(self, *, anchored: bool = False) -> list[str]:
        keys = self.database.audit_keys
        anchors = anchors_of(keys, self.files, "registry") if anchored else []
        with UnitOfWork(self.database, SYSTEM, snapshot=True) as uow:
            return [str(fault) for fault in find_faults(uow, keys, anchors)]

    def anchor(self) -> None:
        with UnitOfWork(self.database, SYSTEM) as uow:
            drop_anchor(uow, self.database.audit_keys, self.files, "registry")

    def ids(self) -> list[Any]:
        return [row[0] for row in self.owner.execute("SELECT id FROM plut.audit ORDER BY chain, sequence")]

    def close(self) -> None:
        self.database.close()
        self.owner.close()
        self.corner.remove()


@pytest.fixture
def record(stack: LocalStack) -> Iterator[Record]:
    corner = Corner(stack, "registry")
    corner.make()
    one = Record(corner)
    yield one
    one.close()


def test_what_was_written_is_unchanged(record: Record) -> None:
    record.write(5)
    with UnitOfWork(record.database, SARI) as uow:
        for number in range(3):
            uow.audit("one.of.three", detail={"number": number})
    record.anchor()
    assert record.faults(anchored=True) == []


PUT_IN = (
    "INSERT INTO plut.audit SELECT gen_random_uuid(), now(), 'x', NULL, 'x', NULL, '21.71', NULL, NULL, NULL, chain,"
    " (SELECT max(sequence) + 1 FROM plut.audit), hash FROM plut.audit WHERE id = %s"
)
SWAP = (
    "UPDATE plut.audit a SET account = b.account, sequence = -b.sequence FROM plut.audit b"
    " WHERE a.id = %s AND b.sequence = a.sequence + 1"
)
#: What a person with every right to the database may try; `%s` is a row in the middle.
CHANGES = {
    "who": ("UPDATE plut.audit SET account = 'budi' WHERE id = %s", "it was changed"),
    "when": ("UPDATE plut.audit SET at = at - interval '1 microsecond' WHERE id = %s", "it was changed"),
    "what": ("UPDATE plut.audit SET action = 'x' WHERE id = %s", "it was changed"),
    "for whom": ("UPDATE plut.audit SET on_behalf_of = 'x' WHERE id = %s", "it was changed"),
    "why": ("UPDATE plut.audit SET purpose = NULL WHERE id = %s", "it was changed"),
    "where": ("UPDATE plut.audit SET unit = '21.72' WHERE id = %s", "it was changed"),
    "about what": ("UPDATE plut.audit SET subject = NULL WHERE id = %s", "it was changed"),
    "the request": ("UPDATE plut.audit SET correlation_id = 'x' WHERE id = %s", "it was changed"),
    "more about it": ("UPDATE plut.audit SET detail = jsonb_set(detail, '{count}', '4') WHERE id = %s", "it was changed"),
    "its hash": ("UPDATE plut.audit SET hash = sha256('x') WHERE id = %s", "it was changed"),
    "its id": ("UPDATE plut.audit SET id = gen_random_uuid() WHERE id = %s", "it was changed"),
    "taken out": ("DELETE FROM plut.audit WHERE id = %s", "1 rows before it are missing"),
    "put in": (PUT_IN, "put here"),
    "swapped with its neighbour": (SWAP, "missing"),
    "cut off": ("DELETE FROM plut.audit WHERE id > %s", "the chain ends here, and had 5 rows"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_found(record: Record, change: str) -> None:
    record.write(5)
    statement, expected = CHANGES[change]
    record.owner.execute(statement, (record.ids()[2],))  # type: ignore[arg-type]
    assert any(expected in fault for fault in record.faults()), record.faults()


def test_an_end_that_was_cut_off_with_the_chains_head_is_found_by_an_anchor(record: Record) -> None:
    record.write(5)
    record.anchor()
    record.owner.execute("DELETE FROM plut.audit WHERE sequence > 3")
    record.owner.execute("UPDATE plut.audit_chain c SET sequence = 3, hash = a.hash FROM plut.audit a"
                         " WHERE a.chain = c.chain AND a.sequence = 3")  # fmt: skip
    assert record.faults() == []
    (fault,) = record.faults(anchored=True)
    assert "an anchor has kept it, and it is gone" in fault


def test_a_chain_that_was_written_anew_without_the_key_does_not_fit(record: Record) -> None:
    record.write(3)
    other = AuditKeys([os.urandom(32)])
    with UnitOfWork(record.database, SYSTEM) as uow:
        assert len(list(find_faults(uow, other))) == 3


def test_a_new_key_writes_and_the_old_one_still_verifies(record: Record, tmp_path: Path) -> None:
    record.write(2)
    kept = json.loads(Path(record.settings.audit_key_file).read_text())["keys"]
    file = tmp_path / "keys"
    file.write_text(json.dumps({"keys": [base64.b64encode(os.urandom(32)).decode(), *kept]}))
    record.database.__dict__["audit_keys"] = AuditKeys.from_file(str(file))
    record.write(2)
    assert record.faults() == []
    record.database.__dict__["audit_keys"] = AuditKeys.from_file(record.settings.audit_key_file)
    assert len(record.faults()) == 2


@pytest.mark.parametrize("content", ["", "{}", '{"keys": []}', '{"keys": ["YQ=="]}', '{"keys": 3}'])
def test_a_key_file_that_cant_be_used_is_named_without_its_content(tmp_path: Path, content: str) -> None:
    file = tmp_path / "keys"
    file.write_text(content)
    with pytest.raises(SettingsError, match="PLUT_AUDIT_KEY_FILE") as raised:
        AuditKeys.from_file(str(file))
    assert "YQ" not in str(raised.value)


def test_writers_at_once_take_chains_of_their_own_and_aborted_ones_leave_no_gap(record: Record) -> None:
    def write(seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - no secret
        for _ in range(50):
            with suppress(PlutError), UnitOfWork(record.database, SARI) as uow:
                uow.audit("a", unit="21.71")
                uow.flush()
                uow.audit("b", unit="21.71")
                if chance.random() < 0.3:
                    uow.require_scope("99")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert record.faults() == []
    assert 8 * 50 < len(record.ids()) < 8 * 50 * 2


def test_a_long_transaction_keeps_nobody_waiting(record: Record) -> None:
    with UnitOfWork(record.database, SARI) as slow:
        slow.audit("slow")
        slow.flush()
        thread = threading.Thread(target=record.write, args=(3,))
        thread.start()
        thread.join(10)
        assert not thread.is_alive()
    assert record.faults() == []
    chains = record.owner.execute("SELECT count(DISTINCT chain) FROM plut.audit").fetchone()
    assert chains == (2,)


def test_the_command_says_what_is_wrong(record: Record) -> None:
    def verify() -> tuple[int, str]:
        command = [sys.executable, "-m", "chassis.audit", "registry"]
        done = subprocess.run(
            command, cwd=ROOT, env=record.corner.environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout

    record.write(3)
    assert verify() == (0, "registry: 3 rows, unchanged\n")
    record.owner.execute("UPDATE plut.audit SET account = 'budi' WHERE sequence = 2")
    code, said = verify()
    assert code == 1
    assert "registry: 3 rows, 1 faults" in said
    assert "chain 0, row 2" in said
