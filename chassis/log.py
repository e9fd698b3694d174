"""Structured logs: one JSON object per line on standard error, with the correlation id of what caused it."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from typing import Any, Final

import orjson
import structlog
from structlog.contextvars import bound_contextvars, merge_contextvars
from structlog.stdlib import BoundLogger

__all__ = ["bound_contextvars", "configure", "logger", "without_values"]

_LONG_NUMBER: Final = re.compile(r"(?<![\w-])\+?\d(?:[ -]?\d){8,}")
"""A NIK, a phone number, a NIB; not a part of an id."""


def _as_json(event: dict[str, Any], **_: Any) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def configure(process: str, level: str = "info") -> None:
    """Send this process's logs, and those of the libraries in it, to standard error as JSON."""
    shared: list[Any] = [
        merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )

    def add_process(_: Any, __: str, event: Any) -> Any:
        event["process"] = process
        return event

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                add_process,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(without_values),
                structlog.processors.JSONRenderer(serializer=_as_json),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # these say every frame and every query at info
    for noisy in (
        "alembic.runtime.migration",
        "pika",
        "amqp",
        "kombu",
        "procrastinate",
        "alembic.runtime.plugins",
        "nameko",
    ):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


def without_values(exc_info: Any) -> str:
    """An exception with its causes and where they were raised, but without what they were raised about.

    Of a message only the first line is told, its long numbers left out: in the others PostgreSQL shows the row that it
    refused, and that may be a person's.
    """
    parts: list[str] = []
    error, seen = exc_info[1], set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        first_line = next(iter(str(error).splitlines()), "")
        frames = "".join(traceback.format_tb(error.__traceback__))
        name = f"{type(error).__module__}.{type(error).__qualname__}"
        parts.append(f"Traceback (most recent call last):\n{frames}{name}: {_LONG_NUMBER.sub('…', first_line)}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\ncaused by:\n\n".join(parts)


def logger(name: str) -> BoundLogger:
    """The structured logger of a module."""
    bound: BoundLogger = structlog.stdlib.get_logger(name)
    return bound
