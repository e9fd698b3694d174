from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import ports


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as server:
        server.bind((ports.HOST, 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_port_stays_the_same_from_start_to_start(tmp_path: Path) -> None:
    first = ports.choose(tmp_path / "ports.json")
    assert ports.choose(tmp_path / "ports.json").numbers == first.numbers


def test_every_process_has_ports_of_its_own(tmp_path: Path) -> None:
    chosen = ports.choose(tmp_path / "ports.json").numbers
    assert chosen.keys() == ports.USUAL.keys()
    assert len(set(chosen.values())) == len(chosen)


def test_a_taken_port_is_replaced_and_said(tmp_path: Path, taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ports.USUAL, "gateway", taken)
    chosen = ports.choose(tmp_path / "ports.json")
    assert chosen["gateway"] != taken
    assert any(f"gateway: port {taken} is taken" in moved for moved in chosen.moved)


def test_a_taken_port_that_was_asked_for_is_refused(tmp_path: Path, taken: int) -> None:
    with pytest.raises(ports.PortTakenError, match=f"port {taken} is taken by .*process"):
        ports.choose(tmp_path / "ports.json", taken)


def test_a_damaged_memory_of_ports_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text("{")
    assert ports.choose(tmp_path / "ports.json").numbers


def test_ports_of_tests_are_apart_from_those_of_people() -> None:
    assert not set(ports.choose_private().numbers.values()) & set(ports.USUAL.values())
