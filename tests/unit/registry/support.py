"""What registry's unit tests share."""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.registry.domain.regions import Gazetteer

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "tests" / "data"


def batam() -> Gazetteer:
    """Batam's districts and villages."""
    with (DATA / "batam-regions.csv").open(encoding="utf-8") as file:
        rows = [(row["code"], row["name"]) for row in csv.DictReader(file)]
    return Gazetteer([row for row in rows if len(row[0]) == 8], [row for row in rows if len(row[0]) > 8])


def hash_nik(digits: str) -> bytes:
    """A keyed hash with a key for tests."""
    return hashlib.blake2b(digits.encode(), key=b"tests", digest_size=16).digest()


@dataclass
class FakeSheet:
    """A sheet in memory."""

    cells: Sequence[Sequence[Any]]
    name: str = "Sheet1"
    hidden: bool = False
    merged: tuple[Any, ...] = field(default=())

    def rows(self) -> Iterator[tuple[int, Sequence[Any]]]:
        return iter(list(enumerate(self.cells, start=1)))
