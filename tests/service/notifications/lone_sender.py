"""`python -m tests.service.notifications.lone_sender PORT LEASE`: a sender in a process of its own, to be killed."""

from __future__ import annotations

import sys
import threading
import time
from datetime import timedelta

from chassis.database import Database
from chassis.settings import Settings
from services.notifications.mail.carrier import MailCarrier
from services.notifications.mail.connection import MailConnection
from services.notifications.mail.server import MailServer
from services.notifications.use_cases.send_due_messages import MessageSender


def main(port: int, lease: float) -> None:
    """Hand over mail for ever."""
    settings = Settings.from_environment()
    connection = MailConnection(MailServer.from_url(f"smtp://127.0.0.1:{port}"))
    database = Database(settings, "notifications")
    carrier = MailCarrier(settings, connection)
    sender = MessageSender(database, carrier, threading.Event(), batch=20, lease=timedelta(seconds=lease))
    while True:
        if not sender.step():
            time.sleep(0.05)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
