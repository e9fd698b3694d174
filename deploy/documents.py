"""The generated documents: written by `./plut docs`, compared with the committed ones by `./plut check`.

python -m deploy.documents [--check]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import click

from chassis.settings import Settings, variable_of
from contracts import catalogue, permissions
from contracts.access import ROLES
from contracts.events import binding_key
from deploy.bill_of_materials import bill_of_materials
from deploy.processes import ROOT

REFERENCE = ROOT / "docs" / "reference"
SHAPES = ROOT / "contracts" / "samples" / "shapes.json"


def main(*, check: bool) -> int:
    """Write every document, or say which ones are out of date; returns an exit status."""
    stale = []
    for path, content in documents():
        target = ROOT / path
        if target.exists() and target.read_text(encoding="utf-8") == content:
            continue
        stale.append(path)
        if not check:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8")
    if check and stale:
        click.echo("Out of date, run ./plut docs: " + ", ".join(stale))
        return 1
    click.echo(f"Written: {', '.join(stale)}" if stale else "All generated documents are up to date.")
    return 0


def documents() -> Iterator[tuple[str, str]]:
    """Every generated document as (path, content)."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    yield "contracts/samples/shapes.json", _json(_shapes())
    yield "docs/reference/asyncapi.json", _json(catalogue.asyncapi(version))
    yield "docs/reference/events.md", _events()
    for event_type in catalogue.event_types():
        yield f"docs/reference/schemas/{event_type.type}.json", _json(catalogue.data_schema(event_type))
    yield "docs/reference/settings.md", _settings()
    yield "docs/reference/permissions.md", _permissions()
    yield "docs/reference/openapi.json", _json(json.loads(_output("gateway.documents", "openapi")))
    yield "docs/reference/sbom.json", _json(bill_of_materials())


def _shapes() -> dict[str, Any]:
    """Shapes of all event types; SystemExit where one changed in a way that its readers can't follow."""
    known = json.loads(SHAPES.read_text()) if SHAPES.exists() else {}
    now = {event_type.type: catalogue.shape(event_type) for event_type in catalogue.event_types()}
    for name, before in known.items():
        reasons = catalogue.breaks(before, now[name]) if name in now else ["the type is gone"]
        if reasons:
            raise SystemExit(
                f"{name} was published with another shape ({'; '.join(reasons)}): make a new major version."
            )
    return now


def _events() -> str:
    lines = [
        "# Events",
        "",
        "Every fact that the services publish, as CloudEvents 1.0. Generated from `contracts/`; the same as a program",
        "reads it: [asyncapi.json](asyncapi.json). How to listen: [a subscriber](../how-to/add-a-subscriber.md).",
        "",
    ]
    for event_type in catalogue.event_types():
        schema = catalogue.data_schema(event_type)
        required = set(schema.get("required", ()))
        lines += [
            f"## {event_type.service}.{event_type.name}",
            "",
            catalogue.description(event_type),
            "",
            " · ".join(
                (
                    f"`{event_type.type}`",
                    f"bound by `{binding_key(event_type)}`",
                    f"shape `{catalogue.fingerprint(event_type)}`",
                    f"[schema](schemas/{event_type.type}.json)",
                )
            ),
            "",
            "| field | shape | |",
            "|---|---|---|",
        ]
        for name, shape in schema.get("properties", {}).items():
            optional = "" if name in required else "optional"
            words = " · ".join(filter(None, (optional, shape.get("description", "").replace("\n", " "))))
            lines.append(f"| `{name}` | {_kind(shape)} | {words} |")
        lines.append("")
    return "\n".join(lines)


def _kind(shape: dict[str, Any]) -> str:
    if "anyOf" in shape:
        return " or ".join(_kind(each) for each in shape["anyOf"] if each != {"type": "null"})
    if "enum" in shape:
        return ", ".join(f"`{value}`" for value in shape["enum"])
    if "$ref" in shape:
        return str(shape["$ref"]).rpartition("/")[2]
    if shape.get("type") == "array":
        return f"list of {_kind(shape['items'])}"
    return str(shape.get("format") or shape.get("type"))


def _settings() -> str:
    lines = [
        "# Settings",
        "",
        "Environment variables, read once when a process starts. Generated from `chassis/settings.py` and",
        "`gateway/settings.py`. The local stack sets them all by itself.",
        "",
    ]
    common = [[variable_of(spec.name), str(spec.default), spec.metadata["help"]] for spec in fields(Settings)]
    own = json.loads(_output("gateway.documents", "settings"))
    for title, rows in (("Every process", common), ("The gateway", own)):
        lines += [f"## {title}", "", "| variable | default | meaning |", "|---|---|---|"]
        lines += [f"| `{variable}` | `{default}` | {words} |" for variable, default, words in rows]
        lines.append("")
    return "\n".join(lines)


def _permissions() -> str:
    lines = [
        "# Permissions",
        "",
        "Which role may do what, within the scope that it was given for. Generated from `contracts/permissions.py`, which HTTP",
        "endpoints and services alike obey; `*` is what every service answers alike.",
        "",
        f"| | {' | '.join(ROLES)} |",
        f"|---|{'---|' * len(ROLES)}",
    ]
    for name, who in permissions.TABLE.items():
        if who.roles:
            cells = ["✓" if role in who.roles else "" for role in ROLES]
        else:
            cells = ["own" if who.signed_in else "✓" for _ in ROLES]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    lines += [
        "",
        "*own*: every account, for what is its own. ✓ in the rows of `session` and `password`: without signing in, too.",
        "",
    ]
    return "\n".join(lines)


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _output(module: str, what: str) -> str:
    """What another folder's generator prints; nothing beside the gateway imports it."""
    command = [sys.executable, "-m", module, what]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
