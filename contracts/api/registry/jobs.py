"""Requests and replies about exports and jobs."""

from __future__ import annotations

from marshmallow import fields

from contracts.api.fields import (
    JOB_STATES,
    Page,
    Reply,
    Request,
    choice,
    cursor,
    limit,
    listing,
    moment,
    text,
    unit,
    uuid,
    whole,
)
from contracts.api.registry.enterprises import SearchEnterprises


class StartExport(Request):
    """Write the result of a search into a file, as a job."""

    format = choice(("csv", "xlsx"), "CSV for programs, XLSX for people.", load_default="csv")
    search = fields.Nested(
        SearchEnterprises(exclude=("cursor", "limit", "sort")),
        load_default=dict,
        metadata={"description": "What to export; all that the caller may see when empty."},
    )


class GetJob(Request):
    """Read a job."""

    id = uuid("The job.", required=True)


class StopJob(Request):
    """Stop a job at its next step."""

    id = uuid("The job.", required=True)


class ResumeJob(Request):
    """Go on with a stopped or failed job."""

    id = uuid("The job.", required=True)


class ListJobs(Request):
    """Jobs, newest first."""

    unit = unit()
    kind = text("Only of this kind.", "import-enterprises", most=60)
    cursor = cursor()
    limit = limit()


class JobView(Reply):
    """Work that goes on in the background."""

    id = uuid("The job.")
    kind = text("Kind.", "import-enterprises")
    unit = text("Unit; null for work of the whole platform.", "21.71", allow_none=True)
    state = choice(JOB_STATES, "State.")
    done = whole("Steps done.", 2_000, allow_none=True)
    total = whole("Steps in all.", 5_000, allow_none=True)
    note = text("What it is doing.", allow_none=True)
    created_at = moment("When it was asked for.")
    started_at = moment("When it began.", allow_none=True)
    finished_at = moment("When it ended.", allow_none=True)
    result = fields.Dict(allow_none=True, metadata={"description": "What came out; `file` where it is one."})
    error = fields.Dict(allow_none=True, metadata={"description": "Why it failed."})
    version = whole("Raised by every change.", 3)


class RotateKeys(Request):
    """Replace keys of identity numbers, as jobs, while everything runs."""

    what = choice(
        ("data", "index", "master"),
        "data: a unit gets a new data key, and its numbers are sealed anew; index: they are hashed with the newest key for"
        " searching; master: data keys are wrapped with the newest master key.",
        required=True,
    )
    unit = unit("Only this unit's; all units' without it. The master key is everybody's.")


class JobPage(Page):
    """Jobs, newest first."""

    items = listing(JobView, "Jobs, newest first.")
