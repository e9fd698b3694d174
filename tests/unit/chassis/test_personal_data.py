"""What a holder hands over opens with the request's key, and with no other."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from joserfc.errors import JoseError

from chassis.personal_data import new_recipient, open_part, seal_part


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads take turns within a call, not after several."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty_threads")
def test_parts_sealed_side_by_side_open_again() -> None:
    # a worker answers for several services at once
    public, private = new_recipient()
    with ThreadPoolExecutor(8) as threads:
        sealed = list(threads.map(lambda number: seal_part({"number": number}, public), range(400)))
    assert [open_part(part, private)["number"] for part in sealed] == list(range(400))


def test_another_key_opens_nothing() -> None:
    public, _ = new_recipient()
    with pytest.raises(JoseError):
        open_part(seal_part({"name": "Siti"}, public), new_recipient()[1])
