"""The database alone shows an owner what is theirs, and nothing else of the same unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from chassis.database import Database
from chassis.settings import Settings
from chassis.unit_of_work import UnitOfWork
from contracts.access import CONSULTANT, OWNER, PARTNER, AccessContext, Grant
from contracts.registry import EnterpriseRemoved
from deploy.processes import DATABASES
from tests.stack import Corner

#: Tables with a unit that show an owner something; all others show nothing. What is added here shows people's data.
OPEN = {
    "registry": {
        "owner", "enterprise", "measurement", "cooperative", "rat", "binaan", "consent", "access_log", "person_request",
        "plut.audit", "plut.data_key",
    },
    "gateway": {"assistance", "plut.audit"},
    "notifications": {"plut.audit"},
}  # fmt: skip
#: Of those, what is the unit's: its wrapped keys, with which an owner's own request is sealed.
UNITS_OWN = {"plut.data_key"}
UNIT = "21.71"
SITI, BUDI = uuid4(), uuid4()
#: What each of the two has: a row in every table that is open to owners, beside one that is not.
ROWS = """
INSERT INTO owner (id, unit, name, nik_state) VALUES (%(owner)s, '21.71', 'x', 'missing');
INSERT INTO enterprise (id, unit, owner_id, version, state, kind, name, channels, registered_at, updated_at)
    VALUES (%(id)s, '21.71', %(owner)s, 1, 'active', 'koperasi', 'x', '{}', now(), now());
INSERT INTO measurement (id, enterprise, unit, as_of, source, recorded_at, recorded_by)
    VALUES (gen_random_uuid(), %(id)s, '21.71', now(), 'person', now(), 'x');
INSERT INTO cooperative (enterprise, unit) VALUES (%(id)s, '21.71');
INSERT INTO rat (enterprise, year, unit, held_on) VALUES (%(id)s, 2025, '21.71', now());
INSERT INTO binaan (id, enterprise, unit, by_unit) VALUES (gen_random_uuid(), %(id)s, '21.71', '21.71');
INSERT INTO consent (id, enterprise, unit, purpose, how, given_at, given_by)
    VALUES (gen_random_uuid(), %(id)s, '21.71', 'service', 'paper', now(), 'x');
INSERT INTO access_log (id, at, account, enterprise, unit, what, purpose)
    VALUES (gen_random_uuid(), now(), 'x', %(id)s, '21.71', 'nik', 'x');
INSERT INTO person_request (id, unit, kind, state, enterprise, owner_id, owners, enterprises, how, requested_at, due_at,
        created_at, created_by, awaited, version)
    VALUES (gen_random_uuid(), '21.71', 'export', 'open', %(id)s, %(owner)s, '{}', '{}', 'paper', now(), now(), now(), 'x',
        '{}', 1);
INSERT INTO duplicate (id, unit, enterprise, other, score, reasons, found_at)
    VALUES (gen_random_uuid(), '21.71', %(id)s, %(owner)s, 1, '[]', now());
INSERT INTO plut.audit (id, at, account, action, subject, unit, chain, sequence, hash)
    VALUES (gen_random_uuid(), now(), 'x', 'enterprise.viewed', %(id)s, '12.75', 99, %(sequence)s, '');
"""
ENTERPRISES = {SITI: uuid4(), BUDI: uuid4()}


@pytest.fixture(scope="module")
def registry(stack: object) -> Iterator[Corner]:
    corner = Corner(stack, "registry")  # type: ignore[arg-type]
    corner.make()
    with corner.connect("registry") as admin:
        for sequence, (owner, enterprise) in enumerate(ENTERPRISES.items(), 1):
            for statement in filter(str.strip, ROWS.split(";")):
                admin.execute(statement, {"owner": owner, "id": str(enterprise), "sequence": sequence})  # type: ignore[arg-type]
    yield corner
    corner.remove()


@pytest.fixture
def database(registry: Corner) -> Iterator[Database]:
    one = Database(Settings.from_environment(registry.environment), "registry")
    yield one
    one.close()


def owner_of(*owners: UUID, role: str = OWNER, unit: str = UNIT) -> AccessContext:
    return AccessContext(account="siti", name="Siti", grants=(Grant(role, unit),), owners=owners)


def count(uow: UnitOfWork, table: str) -> int:
    found: int = uow.session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
    return found


@pytest.mark.parametrize("name", DATABASES)
def test_only_what_is_listed_is_open_to_owners(corner: Callable[..., Corner], name: str) -> None:
    with corner(name).connect(name) as admin:
        policies: list[Any] = admin.execute(
            "SELECT c.oid::regclass::text, pg_get_expr(o.polqual, o.polrelid) FROM pg_policy p"
            " JOIN pg_class c ON c.oid = p.polrelid LEFT JOIN pg_policy o ON o.polrelid = c.oid AND o.polname = 'owner'"
            " AND NOT o.polpermissive AND o.polcmd = '*' AND o.polroles = '{0}' WHERE p.polname = 'scope'"
        ).fetchall()
    closed = "(( SELECT plut.office() AS office) IS NOT NULL)"
    assert {table for table, condition in policies if condition != closed} == OPEN.get(name, set())


@pytest.mark.parametrize("table", sorted(OPEN["registry"] - UNITS_OWN))
def test_an_owner_sees_the_own_rows_of_the_unit_and_no_others(database: Database, table: str) -> None:
    for owners, seen in (((SITI,), 1), ((SITI, BUDI), 2), ((), 0), ((uuid4(),), 0)):
        with UnitOfWork(database, owner_of(*owners)) as uow:
            assert count(uow, table) == seen, owners
    # nobody of an office is held to owners, whatever the context says
    with UnitOfWork(database, owner_of(SITI, role=CONSULTANT, unit="")) as uow:
        assert count(uow, table) == 2


def test_what_is_the_offices_is_no_owners(database: Database) -> None:
    for context in (owner_of(SITI), owner_of(SITI, role=PARTNER, unit="")):
        with UnitOfWork(database, context) as uow:
            assert count(uow, "duplicate") == 0


def test_another_units_rows_are_no_owners_either(database: Database) -> None:
    with UnitOfWork(database, owner_of(SITI, unit="21.72")) as uow:
        assert count(uow, "enterprise") == 0


def test_with_a_role_of_an_office_beside_it_the_transactions_roles_decide(database: Database) -> None:
    both = AccessContext(account="s", name="S", grants=(Grant(OWNER, UNIT), Grant(CONSULTANT, UNIT)), owners=(SITI,))
    for roles, seen in (({OWNER}, 1), ({OWNER, CONSULTANT}, 2), ({CONSULTANT}, 2)):
        with UnitOfWork(database, both, roles=roles) as uow:
            assert count(uow, "enterprise") == seen, roles


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO measurement (id, enterprise, unit, as_of, source) VALUES (:id, :theirs, '21.71', now(), 'person')",
        "UPDATE consent SET enterprise = :theirs",
        "UPDATE enterprise SET owner_id = :budi",
        "INSERT INTO import_mapping VALUES ('21.71', 'one', '{}', now(), 'siti')",
    ],
)
def test_an_owner_writes_nothing_that_is_anothers(database: Database, statement: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        UnitOfWork(database, owner_of(SITI)) as uow,
    ):
        uow.session.execute(text(statement), {"theirs": ENTERPRISES[BUDI], "budi": BUDI, "id": uuid4()})


@pytest.mark.parametrize("call", ["open_to_owners('duplicate', 'other')", "close_to_owners('consent')"])
def test_a_service_cant_open_what_is_closed_to_owners(database: Database, call: str) -> None:
    with pytest.raises(ProgrammingError, match="must be owner"), UnitOfWork(database, owner_of(SITI)) as uow:
        uow.session.execute(text(f"SELECT plut.{call}"))


def test_what_is_anothers_is_neither_changed_nor_deleted(database: Database) -> None:
    with UnitOfWork(database, owner_of(SITI)) as uow:
        for table in sorted(OPEN["registry"] - {"owner", "enterprise", "plut.audit"} - UNITS_OWN):
            uow.session.execute(text(f"DELETE FROM {table} WHERE enterprise = :id"), {"id": ENTERPRISES[BUDI]})
        uow.session.execute(text("UPDATE enterprise SET name = 'mine'"))
    with UnitOfWork(database, owner_of(BUDI)) as uow:
        assert all(count(uow, table) == 1 for table in OPEN["registry"] - UNITS_OWN)
        assert uow.session.execute(text("SELECT name FROM enterprise")).scalar() == "x"


def test_what_an_owner_does_is_published_and_on_record(database: Database, registry: Corner) -> None:
    event = EnterpriseRemoved(enterprise=ENTERPRISES[SITI], job=uuid4())
    with UnitOfWork(database, owner_of(SITI)) as uow:
        uow.publish(event, subject=ENTERPRISES[SITI], unit=UNIT, sequence=7)
        uow.audit("enterprise.advanced", subject="elsewhere", unit=UNIT)
        uow.flush()
        assert (count(uow, "plut.outbox"), count(uow, "plut.audit")) == (0, 1)
    with registry.connect("registry") as admin:
        found = admin.execute("SELECT count(*) FROM plut.outbox WHERE subject = %s", (str(ENTERPRISES[SITI]),))
        assert found.fetchone() == (1,)
    with pytest.raises(ProgrammingError, match="row-level security"), UnitOfWork(database, owner_of(SITI)) as uow:
        uow.publish(event, subject=ENTERPRISES[SITI], unit="12.75", sequence=8)
