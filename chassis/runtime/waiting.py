"""How psycopg waits for PostgreSQL in a green thread: by one listener, without a timer where there is no deadline.

Its own way in a patched process, `wait_select`, goes through eventlet's `select`: lists, dictionaries, and a timer every tenth
of a second, for Ctrl-C. Per statement that is a third of what the driver costs.
"""

from __future__ import annotations

import select
from collections.abc import Generator
from time import monotonic
from typing import Any, TypeVar

import psycopg
from eventlet.hubs import trampoline
from psycopg import waiting

T = TypeVar("T")


class _TooLate(Exception):  # noqa: N818
    """The deadline of a wait has passed."""


def wait_green(
    gen: Generator[Any, Any, T],
    fileno: int,
    interval: float = 0.0,  # noqa: ARG001 - psycopg's own look for Ctrl-C that often
    timeout: float | None = None,
) -> T:
    """Run one of psycopg's generators to its end, leaving the processor to others while it waits.

    Raises psycopg's own time-out after `timeout` seconds, and OperationalError when the connection's socket is closed.
    """
    deadline = None if timeout is None else monotonic() + timeout
    try:
        state = next(gen)
        while True:
            left = None if deadline is None else max(deadline - monotonic(), 0.0)
            state = gen.send(_ready(fileno, state, left))
    except _TooLate:
        raise psycopg.errors._WaitTimeout("wait timeout expired") from None  # noqa: SLF001 - as psycopg's own do
    except OSError as error:
        raise psycopg.OperationalError("connection socket closed") from error
    except StopIteration as ended:
        value: T = ended.value
        return value


def _ready(fileno: int, state: Any, timeout: float | None) -> Any:
    if state == waiting.WAIT_R:
        trampoline(fileno, read=True, timeout=timeout, timeout_exc=_TooLate)
        return waiting.READY_R
    if state == waiting.WAIT_W:
        trampoline(fileno, write=True, timeout=timeout, timeout_exc=_TooLate)
        return waiting.READY_W
    # both at once, which eventlet's listeners don't do: when more is sent than the socket takes
    readable, writable, _ = select.select([fileno], [fileno], [], timeout)
    if not readable and not writable:
        raise _TooLate
    return (waiting.READY_R if readable else 0) | (waiting.READY_W if writable else 0)


def use() -> None:
    """Have every connection of this process wait like that."""
    waiting.wait = wait_green
