"""The contenders' libraries: an environment of their own under the state folder, made on first use from their own lock."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from deploy.processes import ROOT

FOLDER = ROOT / ".plut" / "bench-events"
LOCK = Path(__file__).with_name("requirements.lock")
_MARK = FOLDER / "complete"
_OWN = Path(sys.executable).parent


def program(name: str, *, own: bool = False) -> str:
    """Path of a program of the contenders' environment, or of the project's `own`."""
    return str((_OWN if own else FOLDER / "bin") / name)


def make() -> None:
    """Install what the lock says, unless that has been done; raises CalledProcessError when it can't be had."""
    fingerprint = hashlib.sha256(LOCK.read_bytes() + str(ROOT).encode()).hexdigest()
    if _MARK.exists() and _MARK.read_text() == fingerprint:
        return
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.parent.mkdir(mode=0o700, exist_ok=True)
    uv = program("uv", own=True)
    certificates = Path("/etc/ssl/certs/ca-certificates.crt")
    environment = {"UV_SYSTEM_CERTS": "true" if certificates.exists() else "false"} | os.environ
    for arguments in (
        ["venv", "--quiet", "--python", sys.executable, str(FOLDER)],
        ["pip", "sync", "--quiet", "--compile-bytecode", "--python", program("python"), "--require-hashes", str(LOCK)],
    ):
        subprocess.run([uv, *arguments], check=True, env=environment)
    _MARK.write_text(fingerprint)


def versions() -> dict[str, str]:
    """What was measured, by name."""
    own = {name: version(name) for name in ("nameko", "eventlet", "sqlalchemy", "psycopg", "pika", "msgspec")}
    own = {"python": sys.version.split()[0]} | own
    if not _MARK.exists():
        return own
    code = "from importlib.metadata import version as v; print(v('celery'), v('faststream'), v('asyncpg'))"
    found = subprocess.run([program("python"), "-c", code], stdout=subprocess.PIPE, text=True, check=True)
    celery, faststream, asyncpg = found.stdout.split()
    return {**own, "celery": celery, "faststream": faststream, "asyncpg": asyncpg}
