"""Jobs: long work that somebody waits for, and work by the clock. Carried out by the worker process.

A job is a row in `plut.job`, which its asker sees, and a task of procrastinate, which any worker of the service claims;
both are written in the transaction that asks for the job. A job runs in steps, each a unit of work: when its process
dies, another worker calls the function again, which goes on where the last committed step ended.
"""

from chassis.jobs.asking import REPLAY, TASK, defer, get_job, list_jobs, resume_job, start_job, stop_job
from chassis.jobs.marks import (
    Clockwork,
    Continuous,
    Means,
    clockwork_in,
    continuous_in,
    continuously,
    every,
    job,
    jobs_in,
)
from chassis.jobs.work import Interrupted, JobStopped, Superseded, Work

__all__ = [
    "REPLAY",
    "TASK",
    "Clockwork",
    "Continuous",
    "Interrupted",
    "JobStopped",
    "Means",
    "Superseded",
    "Work",
    "clockwork_in",
    "continuous_in",
    "continuously",
    "defer",
    "every",
    "get_job",
    "job",
    "jobs_in",
    "list_jobs",
    "resume_job",
    "start_job",
    "stop_job",
]
