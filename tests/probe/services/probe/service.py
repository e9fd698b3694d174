"""A service whose methods do as they are told."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from facts.probe import ThingCounted
from marshmallow import RAISE, Schema, fields
from sqlalchemy import text

from chassis import jobs
from chassis.runtime import Service, command, query
from chassis.unit_of_work import UnitOfWork
from contracts.access import OFFICE


class Count(Schema):
    """What is to be counted."""

    class Meta:
        unknown = RAISE

    mood = fields.String(load_default="well")
    number = fields.Integer(required=True)
    subject = fields.UUID(load_default=None)
    unit = fields.String(load_default="21.71")


class Nap(Schema):
    """How long to sleep in the database."""

    class Meta:
        unknown = RAISE

    seconds = fields.Float(required=True)


class Nothing(Schema):
    """No fields."""

    class Meta:
        unknown = RAISE


class Task(Schema):
    """A job's parameters."""

    class Meta:
        unknown = RAISE

    steps = fields.Integer(required=True)


class ProbeService(Service):
    """The probe."""

    name = "probe"

    @command(Count, roles=OFFICE)
    def count(self, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
        """Publish an event about a thing."""
        subject: UUID = request["subject"] or uow.new_id()
        uow.require_scope(request["unit"])
        uow.session.execute(
            text(
                "INSERT INTO thing (id, number) VALUES (:id, :number) ON CONFLICT (id) DO UPDATE SET number = :number"
            ),
            {"id": subject, "number": request["number"]},
        )
        uow.publish(
            ThingCounted(mood=request["mood"], number=request["number"]),
            subject=subject, unit=request["unit"], sequence=request["number"],
        )  # fmt: skip
        if request["mood"] == "fail":
            raise RuntimeError("secret detail")
        return {"subject": subject}

    @query(Nap, roles=OFFICE)
    def nap(self, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
        """Sleep in the database."""
        uow.session.execute(text("SELECT pg_sleep(:seconds)"), request)
        return {"slept": request["seconds"], "at": time.time()}

    @query(Nothing, roles=OFFICE)
    def count_things(self, uow: UnitOfWork, _: dict[str, Any]) -> dict[str, Any]:
        """How many things there are."""
        return {"things": uow.session.execute(text("SELECT count(*) FROM thing")).scalar()}

    @query(Nothing, roles=OFFICE)
    def muddle(self, _: UnitOfWork, __: dict[str, Any]) -> dict[str, Any]:
        """Answer what can't be written as JSON."""
        return {"what": object()}

    @command(Task, roles=OFFICE)
    def start(self, uow: UnitOfWork, request: dict[str, Any]) -> dict[str, Any]:
        """Start a job of many steps."""
        return {"job": jobs.start_job(uow, "step", unit="21.71", params=request)}
