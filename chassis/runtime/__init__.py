"""Services as nameko containers on eventlet. Importing this package patches the process, so it must come first.

Only this package imports nameko and eventlet: the day eventlet goes, this folder changes and no other.
"""

import os

# psycopg blocks the eventlet hub unless it waits in a patched select; it reads this once, at import
os.environ["PSYCOPG_WAIT_FUNC"] = "wait_select"

import eventlet

eventlet.monkey_patch()

from chassis.runtime.endpoints import command, query  # noqa: E402
from chassis.runtime.service import Service  # noqa: E402

__all__ = ["Service", "command", "query"]
