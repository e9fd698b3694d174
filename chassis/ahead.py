"""Making the next thing while the one before is used."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def one_ahead(items: Generator[T, None, None]) -> Generator[T, None, None]:
    """The same items, each made by a thread of its own while its predecessor is used, never more than one ahead.

    What making one raises is raised where it would be used. Close it (`contextlib.closing`), so that the thread and
    `items` end with the block in which it is used.
    """
    try:
        with ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread:
            coming = thread.submit(next, items, None)
            while (item := coming.result()) is not None:
                coming = thread.submit(next, items, None)
                yield item
    finally:
        items.close()
