"""Imports, exports and jobs, as far as they are JSON; files are in `imports`."""

from __future__ import annotations

from gateway.api.endpoints import act, begin, put, read
from gateway.edge.openapi import PREFIX

_IMPORT = "/imports/<uuid:id>"
_JOB = "/jobs/<uuid:id>"
_WHERE_IMPORT = f"{PREFIX}/registry/imports/{{id}}"
_WHERE_JOB = f"{PREFIX}/registry/jobs/{{id}}"

ENDPOINTS = (
    read("/imports", "list_imports"),
    read(_IMPORT, "get_import", versioned=True),
    put(f"{_IMPORT}/mapping", "set_import_mapping", status=202, versioned=True, location=_WHERE_IMPORT),
    read(f"{_IMPORT}/rows", "list_import_rows"),
    act(f"{_IMPORT}/rows/<int:row>/decision", "decide_import_row"),
    begin(f"{_IMPORT}/commit", "commit_import", _WHERE_IMPORT),
    begin(f"{_IMPORT}/stop", "stop_import", _WHERE_IMPORT),
    begin(f"{_IMPORT}/resume", "resume_import", _WHERE_IMPORT),
    begin(f"{_IMPORT}/undo", "undo_import", _WHERE_IMPORT),
    begin("/exports", "start_export", _WHERE_JOB),
    act("/keys/rotation", "rotate_keys", status=202),
    read("/jobs", "list_jobs"),
    read(_JOB, "get_job", versioned=True),
    begin(f"{_JOB}/stop", "stop_job", _WHERE_JOB),
    begin(f"{_JOB}/resume", "resume_job", _WHERE_JOB),
)
"""Long work: begun with 202, watched by its ETag."""
