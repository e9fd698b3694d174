"""Celery on RabbitMQ with SQLAlchemy, a task and a transaction per event. `celery worker` starts it."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, sessionmaker

from tests.bench.events.statements import INBOX, UPSERT, values

_INBOX = text(INBOX).bindparams(subscription="celery")
_UPSERT = text(UPSERT)

app = Celery("businesses", broker=os.environ["BENCH_AMQP_URL"])
app.conf.update(
    task_default_queue="businesses",
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    # what its guide to optimising advises for many short tasks
    worker_prefetch_multiplier=64,
    broker_transport_options={"confirm_publish": True},
    worker_hijack_root_logger=False,
)
sessions: sessionmaker[Session] = sessionmaker()


@worker_process_init.connect
def connect(**_: Any) -> None:
    """A pool in each process, made after the fork."""
    url = os.environ["BENCH_DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:")
    sessions.configure(bind=create_engine(url, pool_size=1))


@app.task
def list_business(event: dict[str, Any]) -> None:
    """Once for each event, however often it comes."""
    with sessions.begin() as session:
        if session.execute(_INBOX, {"id": event["id"]}).rowcount:  # type: ignore[attr-defined]
            session.execute(_UPSERT, values(event))
