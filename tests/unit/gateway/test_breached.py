from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from contracts.errors import PlutError
from gateway.identity.breached import PATIENCE, BreachedPasswords

LOST, PADDED = "kuda sawah biru 7", "gajah hutan merah 9"


def digest(password: str) -> str:
    return hashlib.sha1(password.encode()).hexdigest().upper()  # noqa: S324 - what the protocol is made of


class Ranges:
    """A real server of the range protocol, or one that is slow, drips, fails."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.pause = self.drip = 0.0
        self.status = 200
        ranges = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                prefix = self.path.rpartition("/")[2]
                ranges.asked.append((prefix, self.headers["Add-Padding"]))
                time.sleep(ranges.pause)
                lines = ["0018A45C4D1DEF81644B54AB7F969B88D65:3"]
                for password, count in ((LOST, 7), (PADDED, 0)):
                    if digest(password).startswith(prefix):
                        lines.append(f"{digest(password)[5:]}:{count}")
                self.send_response(ranges.status)
                self.end_headers()
                try:
                    for letter in "\r\n".join(lines):
                        self.wfile.write(letter.encode())
                        time.sleep(ranges.drip)
                except OSError:
                    pass  # nobody listens any more

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}/range/"
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def ranges() -> Iterator[Ranges]:
    server = Ranges()
    yield server
    server.close()


def test_a_lost_password_is_refused_and_only_five_digits_go_out(ranges: Ranges) -> None:
    known = BreachedPasswords(ranges.url)
    with pytest.raises(PlutError, match="invalid-request") as refused:
        known.refuse(LOST, field="new")
    assert list(refused.value.fields) == ["new"]
    known.refuse("something that nobody has lost")
    known.refuse(PADDED)
    assert ranges.asked[0] == (digest(LOST)[:5], "true")
    assert {len(prefix) for prefix, _ in ranges.asked} == {5}


@pytest.mark.parametrize(("pause", "drip", "status"), [(5, 0, 200), (0, 0.3, 200), (0, 0, 503)])
def test_who_does_not_answer_in_time_keeps_nobody_from_a_password(
    ranges: Ranges, pause: float, drip: float, status: int
) -> None:
    ranges.pause, ranges.drip, ranges.status = pause, drip, status
    began = time.monotonic()
    BreachedPasswords(ranges.url).refuse(LOST)
    assert time.monotonic() - began < PATIENCE + 1.5


def test_nobody_is_asked_without_an_address_or_where_nobody_listens() -> None:
    BreachedPasswords("").refuse(LOST)
    BreachedPasswords("http://127.0.0.1:1/range").refuse(LOST)
