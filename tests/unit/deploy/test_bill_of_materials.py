from __future__ import annotations

import json

from click.testing import CliRunner
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from deploy.bill_of_materials import LOCK, Pinned, bill_of_materials, read_lock, running
from deploy.cli.sbom import sbom

TEXT = """\
flask==3.1.2 \\
    --hash=sha256:00 \\
    --hash=sha256:01
    # via
    #   flask-smorest
    #   plut (pyproject.toml)
tzdata==2026.1 ; sys_platform == 'win32' \\
    --hash=sha256:02
    # via flask
pytest==9.2.0 \\
    --hash=sha256:03
    # via plut (pyproject.toml:dev)
"""


def test_a_lock_is_read() -> None:
    flask, tzdata, pytest_ = read_lock(TEXT)
    assert flask == Pinned("flask", "3.1.2", None, ("flask-smorest", "plut (pyproject.toml)"))
    assert (tzdata.marker, tzdata.wanted_by) == ("sys_platform == 'win32'", ("flask",))
    assert running([flask, tzdata, pytest_]) == {"flask", "tzdata"}


def test_every_line_of_the_lock_is_in_it() -> None:
    lines = [line for line in LOCK.read_text().splitlines() if "==" in line and not line.startswith((" ", "#"))]
    names = {each.name for each in read_lock(LOCK.read_text())}
    assert len(read_lock(LOCK.read_text())) == len(lines)
    components = {each["name"]: each for each in bill_of_materials()["components"]}
    assert names | {"postgresql", "rabbitmq-server", "uv"} <= components.keys()
    assert components["flask"]["scope"] == "required"
    assert components["pytest"]["scope"] == "excluded"


def test_it_is_the_same_each_time() -> None:
    assert CliRunner().invoke(sbom).output == CliRunner().invoke(sbom).output


def test_it_is_valid() -> None:
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(json.dumps(bill_of_materials())) is None
