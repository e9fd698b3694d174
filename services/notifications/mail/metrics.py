"""What is measured about mail."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

MAILS = Counter("plut_mails_total", "Attempts to hand a mail over, by what came of them.", ["outcome"])
MAIL_SECONDS = Histogram(
    "plut_mail_seconds",
    "Seconds that the mail server took for one mail.",
    buckets=(0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 15, 45),
)
MAILS_DUE = Gauge("plut_mails_due", "Mails that are due and not handed over.")
OLDEST_DUE = Gauge("plut_mails_oldest_due_seconds", "Seconds that the longest due mail has been due for.")
SERVER_AWAY = Gauge("plut_mail_server_away", "1 while the mail server can't be used.")
