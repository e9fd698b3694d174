"""Brings databases up to date: makes what is missing, then the chassis's tables, procrastinate's, and the service's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from procrastinate import App, SyncPsycopgConnector
from procrastinate.schema import SchemaManager
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import Connection, create_engine, text

from chassis import retention, scope
from chassis.log import logger
from chassis.migrations import roles
from chassis.settings import Settings
from chassis.unit_of_work import utc_now

log = logger(__name__)
ROOT = Path(__file__).parents[2]
#: Any constant will do, as long as two migrations of one database take the same.
_LOCK = 7_034_001
#: A service's tables stand in `public`, also where the role is called as the chassis's schema is.
_PUBLIC = "-c search_path=public"
#: A migration changes everybody's rows.
_ALL = f"{_PUBLIC} -c plut.scope={scope.NATIONAL}"


def migrate(settings: Settings, name: str) -> None:
    """Bring database `name` (a service's, or the gateway's) to the newest version; safe to run twice and at once.

    Raises `MissingRoleError` where the role of the service, or that of the relay, has not been made.
    """
    url = settings.owner_url(name)
    _make_database(url)
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), connect_args={"options": _ALL})
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
            connection.commit()
            try:
                roles.require(connection, name)
                _upgrade(connection, Path(__file__).parent, schema="plut")
                retention.make_partitions(connection, utc_now())
                connection.commit()
                _make_queue(make_conninfo(url, options=_PUBLIC), connection)
                _upgrade(connection, _own_migrations(name), schema="public")
                roles.grant(connection, name)
                connection.commit()
            finally:
                connection.rollback()
                connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
                connection.commit()
    finally:
        engine.dispose()


def _own_migrations(name: str) -> Path:
    service = ROOT / "services" / name
    return (service if service.is_dir() else ROOT / name) / "migrations"


def _make_database(url: str) -> None:
    wanted = conninfo_to_dict(url)["dbname"]
    assert isinstance(wanted, str)
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        if "does not exist" not in str(error):
            raise
        with psycopg.connect(url, dbname="postgres", autocommit=True, connect_timeout=5) as connection:
            try:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(wanted))
                )
            except psycopg.errors.DuplicateDatabase:
                return
        log.info("database made", database=wanted)


def _make_queue(url: str, connection: Connection) -> None:
    if connection.execute(text("SELECT to_regclass('procrastinate_jobs')")).scalar() is not None:
        connection.rollback()
        return
    connection.rollback()
    with App(connector=SyncPsycopgConnector(conninfo=url)).open() as app:
        SchemaManager(app.connector).apply_schema()


def _upgrade(connection: Connection, folder: Path, *, schema: str) -> None:
    """Run the alembic versions in `folder`/versions that the database doesn't have, in one transaction."""
    versions = folder / "versions"
    if not versions.is_dir():
        return
    config = Config()
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory(str(folder), version_locations=[str(versions)])
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
    connection.commit()

    def upgrade(revision: Any, _: Any) -> Any:
        return script._upgrade_revs("head", revision)  # noqa: SLF001 - what alembic's own command calls

    with EnvironmentContext(config, script, fn=upgrade, destination_rev="head") as environment:
        environment.configure(connection=connection, version_table="migration", version_table_schema=schema)
        with environment.begin_transaction():
            environment.run_migrations()
    connection.commit()
