"""Which role may do what in a database: the service with its rows, the relay with the outbox, and nobody else anything.

A service's role owns nothing, so that row-level security holds for it, and can't change what is on record (audit). The
roles themselves, with their passwords, are made by who runs the database: migrations only grant.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

RELAY = "plut_relay"

_GRANTS = """
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role};
GRANT CONNECT ON DATABASE {database} TO {relay};
GRANT USAGE ON SCHEMA plut, public TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA plut, public TO {role};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA plut, public TO {role};
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA plut TO {role};
REVOKE UPDATE, DELETE ON plut.audit FROM {role};
REVOKE INSERT, DELETE ON plut.audit_chain FROM {role};
REVOKE ALL ON {migrations} FROM {role};
GRANT USAGE ON SCHEMA plut TO {relay};
GRANT SELECT, UPDATE (sent_at, parked_at, error) ON plut.outbox TO {relay};
"""


class MissingRoleError(RuntimeError):
    """A role isn't there; the text says how to make it."""


def role_of(service: str) -> str:
    """The role that a service works as."""
    return f"plut_{service}"


def require(connection: Connection, service: str) -> None:
    """Raise MissingRoleError unless the roles are there."""
    for role in (role_of(service), RELAY):
        if not connection.execute(text("SELECT true FROM pg_roles WHERE rolname = :role"), {"role": role}).scalar():
            raise MissingRoleError(
                f"the role {role} is missing: CREATE ROLE {role} LOGIN PASSWORD '…'; then migrate again"
            )
    connection.rollback()


def grant(connection: Connection, service: str) -> None:
    """Grant what the roles need; run after every migration, since it says all tables."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    database = connection.execute(text("SELECT current_database()")).scalar_one()
    migrations = connection.execute(text("SELECT oid::regclass FROM pg_class WHERE relname = 'migration'")).scalars()
    names = {"database": database, "role": role_of(service), "relay": RELAY}
    quoted = {use: quote(name) for use, name in names.items()}
    connection.execute(text(_GRANTS.format(**quoted, migrations=", ".join(migrations))))
