"""`python -m deploy.mail --smtp PORT --web PORT FILE`: take mails on loopback until told to stop."""

from __future__ import annotations

import argparse
import signal
import threading
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from werkzeug.serving import WSGIRequestHandler, make_server

from deploy.mail.store import MailStore
from deploy.mail.web import create_app

HOST = "127.0.0.1"


class Catcher:
    """aiosmtpd's handler: keeps what comes."""

    def __init__(self, store: MailStore) -> None:
        self._store = store

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002
        """One mail has been received."""
        content = envelope.content
        raw = content.encode() if isinstance(content, str) else content or b""
        self._store.add(envelope.mail_from or "", envelope.rcpt_tos, raw)
        return "250 Message accepted"


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: one line per look at a page helps nobody."""


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m deploy.mail", description=__doc__)
    parser.add_argument("--smtp", type=int, required=True)
    parser.add_argument("--web", type=int, required=True)
    parser.add_argument("file", type=Path)
    options = parser.parse_args()
    store = MailStore(options.file)
    smtp = Controller(Catcher(store), hostname=HOST, port=options.smtp, data_size_limit=32 * 1024 * 1024)
    web = make_server(HOST, options.web, create_app(store), threaded=True, request_handler=_Quiet)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    smtp.start()
    threading.Thread(target=web.serve_forever, daemon=True).start()
    ended.wait()
    web.shutdown()
    smtp.stop()


if __name__ == "__main__":
    main()
