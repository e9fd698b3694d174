"""The registry as tests drive it: its use cases over a real database, its jobs in this process or in one to be killed."""

from __future__ import annotations

import csv
import hashlib
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import psycopg

from chassis.files import FileStore
from chassis.settings import Settings
from chassis.unit_of_work import UnitOfWork
from chassis.worker.service_worker import ServiceWorker
from contracts.access import HEAD, AccessContext, Grant
from contracts.api import registry as api
from deploy.processes import ROOT
from services.registry.queries.enterprises import get_enterprise
from services.registry.use_cases.register_enterprise import register_enterprise
from services.registry.use_cases.start_import import start_import
from tests.stack import Corner

DATA = ROOT / "tests" / "data"
BATAM = "21.71"
TABLES = (
    "unit, owner, enterprise, measurement, cooperative, rat, binaan, consent, merge, duplicate, access_log, person_request,"
    " import, import_row, import_mapping, search_block, search_variant, search_place, search_entry,"
    " plut.outbox, plut.audit, plut.job"
)


class Registry:
    """A registry of its own."""

    def __init__(self, corner: Corner) -> None:
        self.corner = corner
        settings = Settings.from_environment(corner.environment)
        self.worker = ServiceWorker(settings, "registry", threading.Event())
        self.files = FileStore(settings)
        self.database = self.worker.database
        self.look: psycopg.Connection[Any] = corner.connect("registry")

    def close(self) -> None:
        """Close its connections."""
        self.database.close()
        self.look.close()

    def empty(self) -> None:
        """Forget everything but regions and classifications."""
        self.look.execute(f"TRUNCATE {TABLES}")  # type: ignore[arg-type]
        self.look.execute(
            "INSERT INTO unit (code, name) VALUES ('21.71', 'PLUT Batam'), ('21.72', 'PLUT Tanjungpinang')"
        )

    def load_regions(self) -> None:
        """Batam's districts and villages, and its neighbour."""
        levels = {2: "province", 5: "regency", 8: "district", 13: "village"}
        with (DATA / "batam-regions.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                code = row["code"]
                self.look.execute(
                    "INSERT INTO region (code, parent, level, name) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                    (code, code.rpartition(".")[0] or None, levels[len(code)], row["name"]),
                )
        self.look.execute(
            "INSERT INTO region VALUES ('21.72', '21', 'regency', 'Kota Tanjungpinang') ON CONFLICT DO NOTHING"
        )
        self.look.execute("INSERT INTO kbli VALUES (2025, '10750', 'C', 'MAKANAN OLAHAN') ON CONFLICT DO NOTHING")

    def call(self, schema: Any, use_case: Callable[..., Any], *, scope: str = BATAM, **request: Any) -> Any:
        """Run a use case as an officer of `scope`; the request goes through its schema, as on the wire."""
        wire = orjson.loads(orjson.dumps(request))
        context = AccessContext(account="sari", name="Sari", grants=(Grant(HEAD, scope),))
        with UnitOfWork(self.database, context) as uow:
            return use_case(uow=uow, request=schema().load(wire))

    def register(self, name: str = "Dapur Siti", owner: str = "Siti Rahmawati", **fields: Any) -> Any:
        """Register an enterprise of Batam."""
        person = {"name": owner} | fields.pop("owner_fields", {})
        request: dict[str, Any] = {"unit": BATAM, "name": name, "owner": person} | fields
        return self.call(api.RegisterEnterprise, register_enterprise, **request)

    def get(self, enterprise: Any, scope: str = BATAM) -> Any:
        """An enterprise."""
        return self.call(api.GetEnterprise, get_enterprise, scope=scope, id=enterprise)

    def begin_import(self, file: Path, *, commit: bool = True, mapping: dict[str, str] | None = None) -> Any:
        """Put a file into the store and ask for its import."""
        key = f"registry/uploads/{uuid4()}"
        with file.open("rb") as source:
            self.files.put(key, source)
        return self.call(
            api.StartImport,
            start_import,
            unit=BATAM,
            file=key,
            name=file.name,
            sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
            size=file.stat().st_size,
            commit=commit,
            mapping=mapping,
        )

    def run_jobs(self) -> None:
        """Carry out what waits."""
        while job := self.look.execute(
            "SELECT id FROM plut.job WHERE state = 'waiting' ORDER BY id LIMIT 1"
        ).fetchone():
            self.worker.jobs.run(str(job[0]))

    def run_job_to_be_killed(self, job: UUID) -> subprocess.Popen[bytes]:
        """Carry a job out in a process of its own, in small chunks, so that there is much to interrupt."""
        program = (
            "import sys, threading; from chassis.settings import Settings;"
            "from services.registry.use_cases import take_in_rows; take_in_rows.CHUNK = 10;"
            "from chassis.worker.service_worker import ServiceWorker;"
            "ServiceWorker(Settings.from_environment(), 'registry', threading.Event()).jobs.run(sys.argv[1])"
        )
        return subprocess.Popen(
            [sys.executable, "-c", program, str(job)],
            cwd=ROOT,
            env=self.corner.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @contextmanager
    def working(self, log: Path, *, chunk: int = 2_000) -> Iterator[None]:
        """A real worker, as `./plut run worker registry` starts it, taking in `chunk` rows at a time."""
        program = (
            f"from services.registry.use_cases import take_in_rows; take_in_rows.CHUNK = {chunk};"
            "from chassis.worker.__main__ import main; main(['registry'])"
        )
        with log.open("ab") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-c", program],
                cwd=ROOT,
                env=self.corner.environment | {"PLUT_HEALTH_PORT": "0", "PLUT_LOG_LEVEL": "debug"},
                stderr=stderr,
            )
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)

    def take_in(self, file: Path) -> Any:
        """Import a file; returns the import's row."""
        started = self.begin_import(file)
        self.run_jobs()
        return self.import_row(started["id"])

    def import_row(self, import_id: Any) -> Any:
        """An import as it stands in its table: (state, outcomes, rows, error)."""
        return self.look.execute(
            "SELECT state, outcomes, rows, error FROM import WHERE id = %s", (import_id,)
        ).fetchone()

    def events(self, *columns: str) -> list[Any]:
        """Outbox rows in order."""
        names = ", ".join(columns or ("type", "subject"))
        return self.look.execute(f"SELECT {names} FROM plut.outbox ORDER BY position").fetchall()  # type: ignore[arg-type]

    def event_names(self) -> list[str]:
        """Names of what was published, in order: `enterprise-registered`."""
        return [row[0].split(".")[3] for row in self.events("type")]

    def report(self, import_id: Any) -> list[dict[str, str]]:
        """The lines of an import's report."""
        with self.files.open(f"registry/reports/{import_id}.csv") as file:
            return list(csv.DictReader(file.read().decode("utf-8-sig").splitlines()))

    def copy_report(self, import_id: Any, to: Path) -> Path:
        """The report as a file."""
        with self.files.open(f"registry/reports/{import_id}.csv") as file, to.open("wb") as target:
            shutil.copyfileobj(file, target)
        return to
