"""What the documents say of the tree is true of the tree."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from deploy.broker_definitions import ADMIN, USERS
from deploy.processes import PROCESSES, ROOT, Process

#: What a service's README says, under these words.
SECTIONS = ("Commands and queries", "Publishes", "Subscribes", "Settings")
LOCKS = ("requirements.lock", "deploy/setup/uv.lock", "deploy/package-lock.json")
SERVICES = sorted(path.name for path in (ROOT / "services").iterdir() if path.is_dir() and path.name[0] not in "._")

_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_HOST = re.compile(r"(?:https?|git|ssh)(?:\+\w+)?://[^/\s\"']+")


def tracked(*patterns: str) -> list[Path]:
    """Files that belong to the project: tracked, or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


PAGES = tracked("*.md")


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as they are made on a forge."""
    headings = _HEADING.findall(_FENCE.sub("", page.read_text()))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(_FENCE.sub("", page.read_text())):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} leads nowhere"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{link}: there is no such heading"


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_says_what_it_is(service: str) -> None:
    page = ROOT / "services" / service / "README.md"
    assert page.exists(), f"{page} is missing"
    text = page.read_text()
    purpose = text.partition("\n## ")[0].splitlines()
    assert re.match(rf"# {service}\b", purpose[0]), "the first line is the service's name"
    assert any(line.strip() for line in purpose[1:]), "what it is for stands under the first line"
    missing = [section for section in SECTIONS if not re.search(rf"(?:^## |\*\*){section}\b", text, re.MULTILINE)]
    assert not missing, f"headings, or words in bold, that are missing: {', '.join(missing)}"


@pytest.mark.parametrize("process", [process.name for process in PROCESSES])
def test_every_process_stands_in_the_architecture(process: str) -> None:
    assert f"| `{process}` |" in (ROOT / "docs" / "architecture.md").read_text()


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_pages_for_operators_forget_no_process(process: Process) -> None:
    page = (ROOT / "docs" / "how-to" / "scale-a-service.md").read_text()
    assert re.search(rf"^\|[^|]*`{process.name}`", page, re.MULTILINE), "how to run more of it"
    assert f"\n  ✓ {process.name} (" in (ROOT / "README.md").read_text(), "what `./plut up` says"
    if f"./plut run {process.name}\n```" in page:
        assert [key for key in process.keys if f"export {key}=" not in page] == []


def test_the_broker_s_passwords_are_those_that_the_page_gives() -> None:
    page = (ROOT / "docs" / "how-to" / "scale-a-service.md").read_text()
    found = re.search(r"^cat > passwords\.json <<'END'\n(.*?)^END$", page, re.MULTILINE | re.DOTALL)
    assert found is not None
    assert set(json.loads(found[1])) == {ADMIN, *USERS}


def test_who_helps_an_owner_finds_all_that_may_be_done() -> None:
    page = (ROOT / "docs" / "how-to" / "help-an-owner-without-a-smartphone.md").read_text()
    paths = json.loads((ROOT / "docs" / "reference" / "openapi.json").read_text())["paths"]
    for path, item in paths.items():
        if any(operation.get("x-roles") == ["owner"] for verb, operation in item.items() if verb != "parameters"):
            shown = re.sub(r"\{\w+\}", "{id}", path).removeprefix("/api/v1/registry")
            assert f" {shown}`" in page, shown


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_name_no_host(lock: str) -> None:
    text = re.sub(r'"funding": \{[^}]*\}', "", (ROOT / lock).read_text())  # where its makers take donations
    assert _HOST.findall(text) == []


def test_pages_need_nothing_beside_the_project() -> None:
    beside = [page.relative_to(ROOT) for page in PAGES if "../shared" in page.read_text()]
    assert beside == [], "a clone stands alone"


def test_every_page_of_docs_is_in_an_index() -> None:
    docs = ROOT / "docs"
    indexes = (docs / "README.md").read_text() + (docs / "decisions" / "README.md").read_text()
    lost = [page.name for page in docs.rglob("*.md") if page.name != "README.md" and f"{page.name})" not in indexes]
    assert lost == []
