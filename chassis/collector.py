"""The garbage collector kept from walking through what lives on anyway."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def keep_for_good() -> None:
    """What lives now lives as long as the process: for one that has loaded all its code and begins to work.

    Otherwise each full collection walks through the 140,000 objects of the code, and everybody waits 80 ms and more.
    """
    gc.collect()
    gc.freeze()


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """No search for cycles within the block.

    The collector would walk through everything that lives each time that it has grown by a quarter, and find nothing:
    a tenth of an import's time. What isn't in a cycle is freed as always. It holds for the whole process, so the first
    of several such blocks to end sets the collector going again.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
