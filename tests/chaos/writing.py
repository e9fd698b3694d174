"""Rows of the registry's outbox without its API: what only happens by accident or by weight of numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from chassis.database import Database
from chassis.identifiers import new_id
from chassis.settings import Settings
from chassis.unit_of_work import UnitOfWork
from contracts.access import SYSTEM
from contracts.registry import EnterpriseUpdated
from tests.chaos.machine import ChaosStack, settings_of

UNIT = "21.71"


@contextmanager
def registry(stack: ChaosStack) -> Iterator[Database]:
    """The registry's database, opened as the registry opens it."""
    database = Database(Settings.from_environment(settings_of(stack, "registry")), "registry", pool_size=10)
    try:
        yield database
    finally:
        database.close()


def tell(uow: UnitOfWork, subject: UUID, sequence: int) -> None:
    """Publish that an enterprise changed; one that nobody is to be written to about, as an import's."""
    event = EnterpriseUpdated(
        enterprise=subject, fields=("name",), business=f"Usaha {sequence}", kind="perorangan", job=subject
    )
    uow.publish(event, subject=subject, unit=UNIT, sequence=sequence)


def unit_of_work(database: Database) -> UnitOfWork:
    """A transaction of nobody in particular."""
    return UnitOfWork(database, SYSTEM)


def subjects(count: int) -> list[UUID]:
    """Enterprises that nobody has heard of."""
    return [new_id() for _ in range(count)]
