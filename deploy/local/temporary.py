"""A stack for the length of one block: private ports, a temporary folder, nothing left afterwards.

A sweeper process holds the other end of a pipe; when the pipe closes, because the block has ended or because its
process was killed in whatever way, it ends every process of the stack and removes the folder.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.layout import Layout
from deploy.local.ports import Ports, choose_private, read
from deploy.local.stack import LocalStack
from deploy.processes import ROOT


@contextmanager
def temporary_stack(
    *, kind: type[LocalStack] = LocalStack, durable: bool = False, broker_root: Path | None = None, tables: bool = False
) -> Iterator[LocalStack]:
    """Broker, database and mail catcher, running; fast and without care for the data unless it is to be `durable`."""
    folder = Path(tempfile.mkdtemp(prefix="plut-test-")).resolve()
    sweeper = subprocess.Popen(
        [sys.executable, "-m", "deploy.local.sweeper", str(folder)],
        stdin=subprocess.PIPE,
        cwd=ROOT,
        start_new_session=True,
    )
    stack: LocalStack | None = None
    try:
        ports = choose_private()
        Layout(folder).ports.write_text(json.dumps(ports.numbers))
        stack = kind(folder, ports, durable=durable, broker_root=broker_root)
        stack.start_stores(tables=tables)
        yield stack
    finally:
        if sweeper.stdin:
            sweeper.stdin.close()
        sweeper.wait()
        if stack is not None:
            stack.reap()


def stack_of(folder: Path) -> LocalStack:
    """The stack that somebody else started in `folder`."""
    return LocalStack(folder, Ports(read(Layout(folder).ports)), durable=False)
