"""Lists for benchmarks: as ../shared makes them, where it is, otherwise by the generator of the tests' own samples."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from deploy.processes import ROOT

SHARED = ROOT.parent / "shared"
REGIONS = ROOT / "node_modules" / "idn-area-data" / "data"
_SEED = 2171


def make(rows: int, folder: Path) -> Path:
    """A list of so many rows, of Batam."""
    tool = SHARED / "tools" / "make_import_samples.py"
    ready = SHARED / "data" / "imports" / f"dinas-2171-{rows}.xlsx"
    if ready.exists():
        return ready
    if tool.exists() and (regions := _regions()) is not None:
        subprocess.run(
            [sys.executable, str(tool), str(regions), str(folder), "--rows", str(rows)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return folder / f"dinas-2171-{rows}.xlsx"
    return _of_our_own(rows, folder / f"list-{rows}.xlsx")


def _regions() -> Path | None:
    """The package of regions, wherever `./plut up` has put it."""
    return next((path.parent for path in ROOT.glob("**/idn-area-data/data/districts.csv")), None)


def _of_our_own(rows: int, path: Path) -> Path:
    from tests.data import make_sample_workbook as samples  # noqa: PLC0415 - only where ../shared is missing

    maker: Any = samples
    maker.BUSINESSES = int(rows * 0.86)
    rng = random.Random(_SEED)  # noqa: S311 - invented people
    firms = [replace(firm, nik=f"{firm.nik[:12]}{firm.owner_number % 9000 + 1:04}") for firm in maker.firms(rng)]
    listed = firms + [maker.repeated(rng, rng.choice(firms)) for _ in range(rows - len(firms))]
    rng.shuffle(listed)
    maker.write_workbook(rng, listed, path)
    return path
