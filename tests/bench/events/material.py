"""The events: the golden sample of `enterprise-registered`, each with ids of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from chassis.database import Database
from chassis.identifiers import new_id
from chassis.settings import Settings
from chassis.unit_of_work import UnitOfWork
from contracts.access import SYSTEM
from contracts.events import Envelope, decode, encode
from contracts.registry import EnterpriseRegistered
from deploy.processes import ROOT

_SAMPLE = ROOT / "contracts" / "samples" / f"{EnterpriseRegistered.type}.json"


def sample() -> Envelope[Any]:
    """The golden sample."""
    return decode(_SAMPLE.read_bytes())


def events(number: int) -> Iterator[tuple[EnterpriseRegistered, UUID]]:
    """So many events, each about an enterprise of its own."""
    data = sample().data
    for count in range(number):
        enterprise = new_id()
        yield msgspec.structs.replace(data, enterprise=enterprise, business=f"{data.business} {count}"), enterprise


def write_file(file: Path, number: int) -> None:
    """Events as the contenders publish them: an envelope a line."""
    model = sample()
    with file.open("wb") as stream:
        for event, enterprise in events(number):
            stream.write(encode(msgspec.structs.replace(model, id=new_id(), subject=str(enterprise), data=event)))
            stream.write(b"\n")


def fill_outbox(settings: Settings, service: str, number: int) -> None:
    """Events as our services write them: rows of the outbox, a thousand a transaction."""
    database = Database(settings, service, pool_size=1)
    unit = sample().unit
    left = number
    while left:
        with UnitOfWork(database, SYSTEM) as uow:
            some = min(left, 1000)
            uow.publish_many((event, enterprise, unit, 1) for event, enterprise in events(some))
            left -= some
    database.close()
