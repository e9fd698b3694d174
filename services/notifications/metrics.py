"""What is measured about messages that are handed over, by channel."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

MESSAGES = Counter(
    "plut_messages_total", "Attempts to hand a message over, by what came of them.", ["channel", "outcome"]
)
MESSAGE_SECONDS = Histogram(
    "plut_message_seconds",
    "Seconds that the channel's server took for one message.",
    ["channel"],
    buckets=(0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 15, 45),
)
MESSAGES_DUE = Gauge("plut_messages_due", "Messages that are due and not handed over.", ["channel"])
OLDEST_DUE = Gauge(
    "plut_messages_oldest_due_seconds", "Seconds that the longest due message has been due for.", ["channel"]
)
SERVER_AWAY = Gauge("plut_message_server_away", "1 while the channel's server can't be used.", ["channel"])
