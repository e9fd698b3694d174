from __future__ import annotations

import pytest
import requests
from click.testing import CliRunner

from deploy.cli.commands import COMMANDS, plut
from deploy.client import ProblemError
from deploy.demo import regions
from deploy.processes import DATABASES, PROCESSES, find


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    result = CliRunner().invoke(plut, [command, "--help"])
    assert result.exit_code == 0, result.output


def test_an_unknown_command_is_a_usage_error() -> None:
    assert CliRunner().invoke(plut, ["upp"]).exit_code == 2


def test_an_unknown_process_is_told_with_those_that_exist() -> None:
    with pytest.raises(LookupError, match="gateway, registry"):
        find("registri")


def test_names_of_processes_are_unique_and_their_databases_known() -> None:
    names = [process.name for process in PROCESSES]
    assert len(set(names)) == len(names)
    assert set(DATABASES) == {name for process in PROCESSES for name in process.databases}


def reply(status: int, body: bytes) -> requests.Response:
    answer = requests.Response()
    answer.status_code, answer._content, answer.reason = status, body, "Bad"
    return answer


def test_a_problem_becomes_one_readable_line() -> None:
    body = (
        b'{"title": "t", "detail": "Periksa isian.", "code": "invalid-request", "errors": {"unit": ["Wajib diisi."]}}'
    )
    problem = ProblemError(reply(400, body))
    assert str(problem) == "Periksa isian. (unit: Wajib diisi.)"
    assert problem.code == "invalid-request"


@pytest.mark.parametrize("body", [b"<html>", b"[]", b""])
def test_an_answer_that_is_no_problem_is_told_by_its_status(body: bytes) -> None:
    assert str(ProblemError(reply(502, body))) == "502 Bad"


def test_the_regions_lock_names_no_host() -> None:
    assert "://" not in regions.LOCK.read_text().replace("https://github.com/sponsors/", "")
    assert regions.version()
