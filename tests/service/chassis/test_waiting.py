"""Waiting for PostgreSQL in green threads: in a process of its own, since the tests' own is not patched."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from chassis.settings import Settings
from deploy.processes import ROOT
from tests.stack import Corner

PREPARE = """
import sys, time
import chassis.runtime
import eventlet, psycopg
from chassis.database import Database
from chassis.settings import Settings
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
database = Database(Settings.from_environment(), "registry", pool_size=5, statement_timeout=5)

def ask(query, **values):
    with database.engine.connect() as connection:
        return connection.execute(text(query), values).scalar()
"""

PROGRAMS = {
    "others go on meanwhile": """
started = time.monotonic()
threads = [eventlet.spawn(ask, "SELECT pg_sleep(0.5)") for _ in range(5)]
[thread.wait() for thread in threads]
assert time.monotonic() - started < 2.4
""",
    "more is sent and received than a socket takes": """
size = 15_000_000
assert ask("SELECT length(:body)", body="x" * size) == size
assert len(ask("SELECT repeat('y', :size)", size=size)) == size
assert ask("SELECT md5(:body)", body="z" * size) == __import__("hashlib").md5(b"z" * size).hexdigest()
""",
    "a server that says nothing is waited for until the deadline": """
with database.engine.connect() as connection:
    pid = connection.execute(text("SELECT pg_backend_pid()")).scalar()
    __import__("os").kill(pid, 19)
    started = time.monotonic()
    try:
        connection.execute(text("SELECT 1"))
        raise SystemExit("answered")
    except OperationalError as error:
        assert "did not answer in time" in str(error), error
        assert 5.5 < time.monotonic() - started < 10
    finally:
        __import__("os").kill(pid, 18)
assert ask("SELECT 1") == 1
""",
    "a connection that the server ends is an error": """
def end():
    eventlet.sleep(0.3)
    ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(1.7)%' AND pid <> pg_backend_pid()")
eventlet.spawn(end)
try:
    ask("SELECT pg_sleep(1.7)")
    raise SystemExit("answered")
except OperationalError:
    pass
assert ask("SELECT 1") == 1
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_waiting(corner: Callable[..., Corner], name: str) -> None:
    environment = corner("registry").environment
    assert Settings.from_environment(environment)
    program = subprocess.run(
        [sys.executable, "-c", PREPARE + PROGRAMS[name]],
        cwd=ROOT, env=environment | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert program.returncode == 0, program.stderr[-3000:]
