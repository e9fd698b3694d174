from __future__ import annotations

import configparser
from pathlib import Path

import pytest
from supervisor.datatypes import dict_of_key_value_pairs

from deploy.local import secrets, supervision
from deploy.local.layout import Layout
from deploy.local.ports import choose_private
from deploy.local.supervision import Program


def configured(tmp_path: Path, *programs: Program) -> configparser.RawConfigParser:
    layout = Layout(tmp_path / "state")
    layout.make()
    supervision.configure(layout, choose_private(), secrets.passwords(layout), programs, tmp_path)
    assert layout.supervisor.stat().st_mode & 0o077 == 0
    parser = configparser.RawConfigParser()
    parser.read(layout.supervisor)
    return parser


def test_awkward_values_reach_the_process_as_they_are(tmp_path: Path) -> None:
    awkward = {"PLUT_AMQP_URL": "amqp://plut:a'b,c=d;e@127.0.0.1:1/%2F", "PATH_WITH_SPACE": "/a b/%(c)s"}
    parser = configured(tmp_path, Program("registry", ["true"], "platform", awkward))
    written = parser["program:registry"]["environment"] % {}
    read = dict_of_key_value_pairs(written)
    assert {name: read[name] for name in awkward} == awkward


def test_a_value_that_supervisor_cannot_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="quotes"):
        configured(tmp_path, Program("registry", ["true"], "platform", {"X": "'\""}))


def test_groups_stop_from_the_edge_inwards(tmp_path: Path) -> None:
    programs = [Program(group, ["true"], group) for group in supervision.RANKS]
    parser = configured(tmp_path, *programs)
    ranks = {group: int(parser[f"group:{group}"]["priority"]) for group in supervision.RANKS}
    assert sorted(ranks, key=lambda group: ranks[group], reverse=True) == ["edge", "platform", "stores", "base"]
