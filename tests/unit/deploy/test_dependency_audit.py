"""pip-audit as it is, against a database of weaknesses that stands here."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from deploy.bill_of_materials import Pinned
from deploy.dependency_audit import NoAnswerError, audit, ignores

LIBRARIES = [Pinned(name, "1.0", None, ()) for name in ("good", "weak", "other", "more", "last")]
WEAKNESS = {
    "id": "PYSEC-2026-1",
    "aliases": ["CVE-2026-1"],
    "summary": "It falls over.",
    "affected": [
        {
            "package": {"name": "weak", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        }
    ],
}


class Osv(BaseHTTPRequestHandler):
    """Knows one weakness."""

    pause: ClassVar[float] = 0.0
    status: ClassVar[int] = 200

    def do_GET(self) -> None:
        self.send_error(405)

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(self.pause)
        known: dict[str, Any] = {"vulns": [WEAKNESS]} if asked["package"]["name"] == "weak" else {}
        body = json.dumps(known).encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def osv(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Osv)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_weakness_is_told_with_its_library_its_id_and_where_it_is_mended(osv: str) -> None:
    assert audit(LIBRARIES, url=osv) == ["weak 1.0: PYSEC-2026-1 (CVE-2026-1), mended in 1.1"]


def test_what_is_ignored_does_not_count(osv: str) -> None:
    assert audit(LIBRARIES, ["PYSEC-2026-1"], url=osv) == []


def test_without_a_network_nobody_fails() -> None:
    with pytest.raises(NoAnswerError, match="no network"):
        audit(LIBRARIES, url="http://127.0.0.1:9/v1/query")


def test_who_answers_otherwise_is_no_answer(osv: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Osv, "status", 403)
    with pytest.raises(NoAnswerError, match="no network"):
        audit(LIBRARIES, url=osv)


def test_it_ends_when_its_time_is_up(osv: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Osv, "pause", 30.0)
    started = time.monotonic()
    with pytest.raises(NoAnswerError, match="no answer in time"):
        audit(LIBRARIES, url=osv, seconds=4)
    assert time.monotonic() - started < 10


def test_an_entry_of_the_list_needs_a_reason_and_a_date_to_come() -> None:
    good = {"id": "A", "reason": "not called", "until": date(2026, 12, 31)}
    told = {"ignore": [good, {"id": "B", "reason": "", "until": date(2026, 12, 31)}, {"id": "C", "reason": "so"}]}
    assert ignores(told, date(2026, 12, 1))[0] == ["A"]
    assert len(ignores(told, date(2026, 12, 1))[1]) == 2
    assert ignores({"ignore": [good]}, date(2027, 1, 1)) == (
        [],
        ["A: ignored until 2026-12-31, which is over: not called"],
    )
