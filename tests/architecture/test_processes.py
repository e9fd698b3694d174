"""A new service is one folder, one file of contracts and one line in the process list; this says which is missing."""

from __future__ import annotations

import pytest

from deploy.processes import PROCESSES, ROOT, SERVICES

FOLDERS = sorted(path.name for path in (ROOT / "services").iterdir() if path.is_dir() and path.name[0] not in "._")


@pytest.mark.parametrize("service", FOLDERS)
def test_every_service_has_its_line_in_the_process_list(service: str) -> None:
    assert service in SERVICES, f"add {service!r} to SERVICES in deploy/processes.py"
    assert service in {process.name for process in PROCESSES}, f"add a line for {service!r} to deploy/processes.py"


@pytest.mark.parametrize("service", FOLDERS)
@pytest.mark.parametrize("part", ["README.md", "service.py", "__init__.py", "migrations/versions"])
def test_every_service_has_its_parts(service: str, part: str) -> None:
    assert (ROOT / "services" / service / part).exists(), f"services/{service}/{part} is missing"


@pytest.mark.parametrize("service", FOLDERS)
def test_every_service_has_its_contracts(service: str) -> None:
    assert (ROOT / "contracts" / f"{service}.py").exists(), f"contracts/{service}.py is missing"
    api = ROOT / "contracts" / "api"
    assert (api / f"{service}.py").exists() or (api / service).is_dir(), f"contracts/api/{service} is missing"


def test_no_process_is_listed_without_a_service() -> None:
    others = {"gateway", "accounts", "worker", "relay"}
    assert {process.name for process in PROCESSES} - others == set(FOLDERS)
    assert {process.service for process in PROCESSES} - {None} == set(SERVICES) == {*FOLDERS, "gateway"}
