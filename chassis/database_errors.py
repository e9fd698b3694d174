"""What an error of the database means: it is away, two transactions clashed, or the work is wrong."""

from __future__ import annotations

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

#: Errors of the driver that have no code: nothing came back.
_LOST = ("OperationalError", "InterfaceError", "ConnectionTimeout")


def is_away(error: BaseException) -> bool:
    """Whether an error means that the database can't be reached or is stopping, rather than that the work is wrong."""
    if isinstance(error, PoolTimeoutError):
        return True
    state = sqlstate(error)
    # class 08 connection, 57P01..05 shutdown and the like, 53 out of resources; none at all: the socket died
    lost = state is None and type(_driver_error(error)).__name__ in _LOST
    invalidated = isinstance(error, DBAPIError) and error.connection_invalidated
    return invalidated or lost or (state or "").startswith(("08", "57P", "53"))


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's code of an error, whether it came through SQLAlchemy or, as with COPY, from the driver itself."""
    return getattr(_driver_error(error), "sqlstate", None)


def _driver_error(error: BaseException) -> BaseException | None:
    if isinstance(error, DBAPIError):
        return error.orig
    return error if isinstance(error, psycopg.Error) else None


def is_clash(error: BaseException) -> bool:
    """Whether PostgreSQL ended a transaction for the sake of another (serialization failure, deadlock): try it again."""
    return sqlstate(error) in ("40001", "40P01")


def is_foreign(error: BaseException) -> bool:
    """A row of another unit was about to be written, and row-level security has refused it."""
    return sqlstate(error) == "42501" and "row-level security" in str(error)
