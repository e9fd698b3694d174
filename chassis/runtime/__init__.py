"""Services as nameko containers on eventlet. Importing this package patches the process, so it must come first.

Only this package imports nameko and eventlet: the day eventlet goes, this folder changes and no other.
"""

import os
import warnings

# psycopg blocks the eventlet hub unless it waits in Python; it reads this once, at import
os.environ["PSYCOPG_WAIT_FUNC"] = "wait_select"

# eventlet says at every import that it is in maintenance: that is known, and why only this folder imports it
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")

import eventlet  # noqa: E402

eventlet.monkey_patch()

from chassis.runtime import waiting  # noqa: E402

waiting.use()

from chassis.runtime.endpoints import command, query  # noqa: E402
from chassis.runtime.service import Service  # noqa: E402

__all__ = ["Service", "command", "query"]
