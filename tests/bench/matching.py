"""Reads a list, decides every row, and writes the report that scores are computed from.

    python tests/bench/matching.py REGIONS_DIR REGENCY FILE [FILE ...] [--report OUT.csv] [--today YYYY-MM-DD]

REGIONS_DIR holds districts.csv and villages.csv of idn-area-data. Files share one index, in the order given: the second
is matched against the first as well. Prints microseconds per row for reading and for matching, and the outcomes.
"""

import argparse
import csv
import datetime as dt
import hashlib
import resource
import sys
import time
from collections import Counter
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from services.registry.domain.importing import decide_rows, read_plan
from services.registry.domain.matching import MatchIndex
from services.registry.domain.regions import Gazetteer
from services.registry.workbook import open_workbook


def load_gazetteer(folder: Path, regency: str) -> Gazetteer:
    """The districts and villages of one regency from the package's CSV files."""

    def rows(name: str, of: str) -> list[tuple[str, str]]:
        with (folder / name).open(encoding="utf-8") as file:
            return [(row["code"], row["name"]) for row in csv.DictReader(file) if row["code"].startswith(of)]

    return Gazetteer(rows("districts.csv", regency + "."), rows("villages.csv", regency + "."))


def main() -> None:
    """Runs over the files of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("regions", type=Path)
    parser.add_argument("regency")
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--report", type=Path)
    parser.add_argument("--today", type=dt.date.fromisoformat, default=dt.date(2026, 12, 31))
    arguments = parser.parse_args()
    gazetteer = load_gazetteer(arguments.regions, arguments.regency)
    index: MatchIndex[str] = MatchIndex()
    for file in arguments.files:
        run(file, index, gazetteer, arguments.today, arguments.report)


def run(file: Path, index: MatchIndex[str], gazetteer: Gazetteer, today: dt.date, report: Path | None) -> None:
    """One file: times and outcomes to the screen, lines to the report."""
    started = time.process_time()
    workbook = open_workbook(file)
    opened = time.process_time()
    plan = read_plan(workbook.sheets, gazetteer=gazetteer, known_kbli={}, today=today)
    rows = sum(1 for _ in plan.rows())
    read = time.process_time()
    outcomes: Counter[str] = Counter()
    out = report.open("w", encoding="utf-8", newline="") if report else None
    writer = csv.writer(out) if out else None
    if writer:
        writer.writerow(["sheet", "row", "outcome", "enterprise", "candidate", "reasons"])
    for row in decide_rows(
        plan,
        index=index,
        hash_nik=lambda nik: hashlib.blake2b(nik.encode(), key=b"bench", digest_size=16).digest(),
        new_ref=lambda row: f"{file.name}/{row.sheet}/{row.row}",
    ):
        outcomes[row.outcome] += 1
        if writer:
            reasons = "; ".join(row.reasons_id())
            writer.writerow([row.sheet, row.row, row.outcome, row.enterprise or "", row.candidate or "", reasons])
    if out:
        out.close()
    done = time.process_time()
    micro = 1e6 / max(rows, 1)
    click.echo(
        f"{file.name}: {rows} rows, open {opened - started:.2f} s, read {(read - opened) * micro:.1f} us/row,"
        f" read and match {(done - read) * micro:.1f} us/row, {dict(outcomes)},"
        f" peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB"
    )


if __name__ == "__main__":
    main()
