"""One service's PostgreSQL database: a pool of connections with time-outs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import orjson
import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from chassis.audit.keys import AuditKeys
from chassis.log import logger
from chassis.settings import Settings

log = logger(__name__)

# row-level security doesn't hold for who may become the owner of the tables, or may do everything
_HELD_BY_POLICIES = (
    "SELECT NOT (rolsuper OR rolbypassrls) AND NOT coalesce((SELECT pg_has_role(current_user, relowner, 'MEMBER')"
    " FROM pg_class WHERE oid = to_regclass('plut.outbox')), false) FROM pg_roles WHERE rolname = current_user"
)


class Database:
    """Pool of one service's database, by a role that the database's policies hold for: another one is refused.

    `statement_timeout` in seconds, 0 for none: requests have one, so that nothing hangs; jobs have none.
    """

    def __init__(
        self, settings: Settings, service: str, *, pool_size: int = 5, statement_timeout: float | None = None
    ) -> None:
        limit = settings.statement_timeout if statement_timeout is None else statement_timeout
        self.service = service
        self._settings = settings
        self.engine: Engine = create_engine(
            settings.database_url(service),
            pool_size=pool_size,
            max_overflow=2,
            pool_timeout=settings.rpc_timeout / 2,
            pool_pre_ping=False,
            pool_recycle=1800,
            # a statement's values may be personal data: they stay out of errors, and so out of logs
            hide_parameters=True,
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
            connect_args={
                "connect_timeout": 5,
                "application_name": f"plut-{service}",
                "options": f"-c statement_timeout={int(limit * 1000)} -c lock_timeout={int(limit * 1000)}"
                " -c timezone=UTC",
                # a black-holed server is noticed, not waited for
                "keepalives_idle": 5,
                "keepalives_interval": 2,
                "keepalives_count": 3,
                "tcp_user_timeout": 10_000,
            },
        )
        self.sessions: sessionmaker[Session] = sessionmaker(self.engine, expire_on_commit=False)

        event.listen(self.engine, "handle_error", _know_a_disconnect)
        event.listen(self.engine, "connect", _refuse_who_is_above_policies)
        if limit:
            event.listen(self.engine, "do_connect", _connect_with(patience=limit + 1))

    @cached_property
    def audit_keys(self) -> AuditKeys:
        """The keys that what is on record is sealed with; raises SettingsError."""
        return AuditKeys.from_file(self._settings.audit_key_file)

    def is_ready(self) -> bool:
        """Whether the database answers."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return False
        return True

    def close(self) -> None:
        """Close all connections that aren't in use."""
        self.engine.dispose()


def driver_connection(connection: Connection) -> psycopg.Connection[Any]:
    """The psycopg connection under a SQLAlchemy one, for COPY and pipelines in the same transaction."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver


def _refuse_who_is_above_policies(connection: psycopg.Connection[Any], _: Any) -> None:
    try:
        row = connection.execute(_HELD_BY_POLICIES).fetchone()
        connection.rollback()
    except BaseException:
        connection.close()
        raise
    if row is None or not row[0]:
        role = connection.info.user
        connection.close()
        log.error("role is above row-level security", role=role)
        raise psycopg.OperationalError(
            f"the role {role} owns the tables or may pass by row-level security: PLUT_DATABASE_URL needs the service's own"
        )


def _connect_with(*, patience: float) -> Callable[..., psycopg.Connection[Any]]:
    """How to connect so that no wait for the server outlasts `patience` seconds.

    A paused server's kernel still acknowledges what it is sent, so neither keep-alives nor the server's own time-outs
    end a wait for it.
    """

    class ImpatientConnection(psycopg.Connection[Any]):
        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            try:
                return super().wait(gen, interval, timeout or patience)
            except psycopg.errors._WaitTimeout:  # noqa: SLF001 - psycopg has no public name for it
                # closed, so that the pool throws it away: an answer may still come to a question long forgotten
                self.pgconn.finish()
                raise psycopg.OperationalError("the database did not answer in time") from None

    def connect(_: Any, __: Any, arguments: Any, options: Any) -> psycopg.Connection[Any]:
        return ImpatientConnection.connect(*arguments, **options)

    return connect


def _know_a_disconnect(context: ExceptionContext) -> None:
    """Renew the whole pool when the server is going away.

    psycopg's connection doesn't count as closed when the server says that it is shutting down (57P01 and the like), so
    SQLAlchemy would keep it, and every other dead one, for the next requests.
    """
    state = getattr(context.original_exception, "sqlstate", None) or ""
    if state.startswith(("57P", "08")):
        context.is_disconnect = True
