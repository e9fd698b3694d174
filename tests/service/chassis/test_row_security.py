"""The database alone keeps units apart: what a transaction may touch follows from the scope that it was given."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from chassis.copying import copying
from chassis.database import Database, driver_connection
from chassis.settings import Settings
from chassis.unit_of_work import UnitOfWork
from contracts.access import STAFF, AccessContext, Grant
from contracts.errors import PlutError
from deploy.processes import DATABASES
from tests.stack import Corner

UNITS = ("21.71", "21.72", "12.75", "21")
#: Scopes and how many of the units' rows each shows, one row in each unit.
SHOWN = {("",): 4, ("21",): 3, ("21.71",): 1, ("21.7",): 0, ("2",): 0, ("21.71", "12"): 2, ("99",): 0}
ABORTS = ("SELECT 1/0", "SELECT nonsense", "INSERT INTO import_mapping VALUES ('99')")
COUNT = text("SELECT count(*) FROM import_mapping")


@pytest.fixture(scope="module")
def registry(stack: object) -> Iterator[Corner]:
    corner = Corner(stack, "registry")  # type: ignore[arg-type]
    corner.make()
    with corner.connect("registry") as owner:
        for unit in UNITS:
            owner.execute("INSERT INTO import_mapping VALUES (%s, 'one', '{}', now(), 'sari')", (unit,))
    yield corner
    corner.remove()


@pytest.fixture
def database(registry: Corner) -> Iterator[Database]:
    one = Database(Settings.from_environment(registry.environment), "registry", pool_size=8)
    yield one
    one.close()


def somebody(*scopes: str) -> AccessContext:
    return AccessContext(account="sari", name="Sari", grants=tuple(Grant(STAFF, scope) for scope in scopes))


@pytest.mark.parametrize("name", DATABASES)
def test_every_table_with_a_unit_is_protected(corner: Callable[..., Corner], name: str) -> None:
    with corner(name).connect(name) as owner:
        open_tables = owner.execute(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE a.attname = 'unit' AND NOT a.attisdropped AND c.relkind IN ('r', 'p')"
            " AND c.relnamespace IN ('public'::regnamespace, 'plut'::regnamespace)"
            " AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT FROM pg_policy p"
            " WHERE p.polrelid = c.oid AND p.polname = 'scope' AND p.polcmd = '*'))"
        ).fetchall()
    assert open_tables == [], "add `SELECT plut.protect('…')` to the migration that makes them"


@pytest.mark.parametrize("scopes", SHOWN)
def test_a_scope_shows_its_rows_and_no_others(database: Database, scopes: tuple[str, ...]) -> None:
    with UnitOfWork(database, somebody(*scopes)) as uow:
        assert uow.session.execute(COUNT).scalar() == SHOWN[scopes]


def test_without_a_scope_there_are_no_rows_and_no_unit_of_work(database: Database) -> None:
    with database.engine.connect() as connection:
        assert connection.execute(COUNT).scalar() == 0
    with pytest.raises(PlutError, match="out-of-scope"), UnitOfWork(database, somebody()):
        pass


def test_the_owner_of_the_tables_sees_no_more(registry: Corner) -> None:
    with registry.connect("registry") as owner:
        owner.execute("SET plut.scope = ''")
        assert owner.execute("SELECT count(*) FROM import_mapping").fetchone() == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO import_mapping VALUES ('21.72', 'two', '{}', now(), 'sari')",
        "UPDATE import_mapping SET unit = '21.72' WHERE unit = '21.71'",
    ],
)
def test_nothing_is_written_into_another_unit(database: Database, statement: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        UnitOfWork(database, somebody("21.71")) as uow,
    ):
        uow.session.execute(text(statement))


def test_nothing_is_copied_into_another_unit(database: Database) -> None:
    def copy_a_row() -> None:
        columns, types = (
            ("unit", "signature", "mapping", "saved_at", "saved_by"),
            ("text", "text", "jsonb", "bytea", "text"),
        )
        with UnitOfWork(database, somebody("21.71")) as uow:
            driver = driver_connection(uow.session.connection())
            with copying(driver, "import_mapping", columns, types) as copy:
                copy.write_row(("21.72", "two", "{}", bytes(8), "sari"))

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        copy_a_row()


def test_what_is_another_units_is_neither_changed_nor_deleted(database: Database) -> None:
    with UnitOfWork(database, somebody("21.71")) as uow:
        for statement in (
            "UPDATE import_mapping SET saved_by = 'x'",
            "DELETE FROM import_mapping WHERE unit <> '21.71'",
        ):
            uow.session.execute(text(statement))
    with UnitOfWork(database, somebody("")) as uow:
        by = uow.session.execute(text("SELECT unit, saved_by FROM import_mapping")).all()
    assert dict(map(tuple, by)) == {unit: "x" if unit == "21.71" else "sari" for unit in UNITS}  # type: ignore[arg-type]


def test_what_is_handed_over_may_be_written_there_in_this_transaction_only(database: Database) -> None:
    with UnitOfWork(database, somebody("21.71")) as uow:
        uow.hand_over_to("12.75")
        uow.session.execute(text("UPDATE import_mapping SET unit = '12.75', signature = 'moved' WHERE unit = '21.71'"))
        uow.session.execute(
            text("UPDATE import_mapping SET unit = '21.71', signature = 'one' WHERE signature = 'moved'")
        )
    with UnitOfWork(database, somebody("21.71")) as uow:
        assert uow.session.execute(COUNT).scalar() == 1


@pytest.mark.parametrize("scope", ['21.71"}', "%", "21,22", "*", "21.71.', true); --"])
def test_a_scope_that_is_no_place_is_refused(database: Database, scope: str) -> None:
    with pytest.raises(ValueError, match="no scope"), UnitOfWork(database, somebody(scope)):
        pass


@pytest.mark.parametrize("statement", ["UPDATE plut.audit SET account = 'x'", "DELETE FROM plut.audit", "TRUNCATE plut.audit",
    "ALTER TABLE import_mapping DISABLE ROW LEVEL SECURITY", "DROP POLICY scope ON import_mapping", "SET ROLE plut",
    "SELECT plut.protect('region')", "COPY import_mapping TO PROGRAM 'cat'"])  # fmt: skip
def test_a_service_cant_open_what_is_closed(database: Database, statement: str) -> None:
    with pytest.raises(ProgrammingError), database.engine.connect() as connection:
        connection.execute(text(statement))


def test_a_service_cant_enter_anothers_database(registry: Corner) -> None:
    registry.add_database("notifications")
    with registry.connect("notifications") as owner:
        owner.execute(f"REVOKE ALL ON DATABASE {registry.name}_notifications FROM PUBLIC")
    settings = Settings.from_environment(registry.environment)
    foreign = replace(
        settings, database_url_template=settings.database_url_template.replace("plut_{service}", "plut_registry")
    )
    with (
        pytest.raises(OperationalError, match="permission denied"),
        Database(foreign, "notifications").engine.connect(),
    ):
        pass


def test_a_role_above_the_policies_is_refused(registry: Corner) -> None:
    settings = Settings.from_environment(registry.environment)
    above = replace(settings, database_url_template=settings.database_owner_url_template)
    with pytest.raises(OperationalError, match="PLUT_DATABASE_URL needs the service's own"):
        Database(above, "registry").engine.connect()
    assert not Database(above, "registry").is_ready()


def test_no_transaction_sees_what_the_one_before_it_could(database: Database) -> None:
    """10,000 on a pool of eight, by four threads: some abort in the middle, some come without a scope."""

    def run(seed: int) -> int:
        chance = random.Random(seed)  # noqa: S311 - no secret
        for _ in range(2_500):
            if chance.random() < 0.2:
                with database.engine.connect() as connection:
                    assert connection.execute(COUNT).scalar() == 0
                continue
            scopes = chance.choice(list(SHOWN))
            # a statement that fails, a refusal, or a commit
            with suppress(DBAPIError, PlutError), UnitOfWork(database, somebody(*scopes)) as uow:
                assert uow.session.execute(COUNT).scalar() == SHOWN[scopes]
                if chance.random() < 0.3:
                    uow.session.execute(text(chance.choice(ABORTS)))
                if chance.random() < 0.1:
                    uow.require_scope("00")
        return 2_500

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, range(4))) == 10_000
