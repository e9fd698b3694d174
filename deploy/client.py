"""The platform's HTTP API for the command line and the demo: one session, problems as exceptions, patient polling."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import requests

TIMEOUT = (5, 60)
"""Seconds to connect, seconds between two packets of an answer."""
PATIENCE = 60
"""Seconds that a platform which is restarting may be away while a job is being watched."""


class ProblemError(Exception):
    """The platform refused (RFC 9457). `str()` is one line for people, the wrong fields included."""

    def __init__(self, reply: requests.Response) -> None:
        """Read the problem document; an answer that is none is told by its status."""
        self.status = reply.status_code
        try:
            problem = reply.json()
            self.code = str(problem.get("code", ""))
            self.fields = {name: [str(text) for text in texts] for name, texts in problem.get("errors", {}).items()}
            detail = str(problem.get("detail") or problem.get("title"))
        except (ValueError, AttributeError):
            self.code, self.fields, detail = "", {}, f"{reply.status_code} {reply.reason}"
        told = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in self.fields.items())
        super().__init__(f"{detail} ({told})" if told else detail)


class UnreachableError(Exception):
    """Nobody answers at the platform's address."""


class PlatformClient:
    """Calls of one account."""

    def __init__(self, url: str, token: str, language: str = "id") -> None:
        """`url` is the gateway's address without `/api/v1`."""
        self.url = url.rstrip("/")
        self._session = requests.Session()
        self._session.headers.update({"Authorization": f"Bearer {token}", "Accept-Language": language})

    def get(self, path: str, **query: str | int | None) -> dict[str, Any]:
        """Read one thing."""
        return self._json(self._send("GET", path, params={k: v for k, v in query.items() if v is not None}))

    def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Do something, once: sent again under the same Idempotency-Key when the connection breaks."""
        return self._json(self._send("POST", path, json=body or {}))

    def put(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Store one thing."""
        return self._json(self._send("PUT", path, json=body))

    def upload(self, path: str, file: Path, **form: str) -> dict[str, Any]:
        """Send a file with form fields."""
        with file.open("rb") as stream:
            return self._json(self._send("POST", path, files={"file": (file.name, stream)}, data=form))

    def download(self, path: str, target: IO[bytes]) -> None:
        """Store an answer's bytes."""
        for chunk in self._send("GET", path, stream=True).iter_content(1 << 16):
            target.write(chunk)

    def watch(
        self, path: str, finished: frozenset[str], progress: Callable[[dict[str, Any]], None] = lambda _: None
    ) -> dict[str, Any]:
        """Read `path` until its `state` is one of `finished`; a platform that restarts meanwhile is waited for."""
        away_since: float | None = None
        pause = 0.1
        while True:
            try:
                found = self.get(path)
            except (UnreachableError, ProblemError) as error:
                away_since = away_since or time.monotonic()
                temporary = not isinstance(error, ProblemError) or error.status in {502, 503, 504}
                if not temporary or time.monotonic() - away_since > PATIENCE:
                    raise
                time.sleep(1)
                continue
            away_since = None
            progress(found)
            if found["state"] in finished:
                return found
            time.sleep(pause)
            pause = min(pause * 1.3, 1.0)

    def _send(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
        url = f"{self.url}/api/v1{path}"
        for attempt in range(3):
            try:
                reply = self._session.request(method, url, headers=headers, timeout=TIMEOUT, **options)
            except (requests.ConnectionError, requests.Timeout) as error:
                if attempt == 2 or "files" in options:  # noqa: PLR2004 (a file has been read to its middle)
                    raise UnreachableError(f"{self.url}: {_reason(error)}") from None
                time.sleep(0.3)
                continue
            if not reply.ok:
                raise ProblemError(reply)
            return reply
        raise AssertionError("unreachable")

    @staticmethod
    def _json(reply: requests.Response) -> dict[str, Any]:
        if not reply.content:
            return {}
        found = reply.json()
        return found if isinstance(found, dict) else {"items": found}


def _reason(error: Exception) -> str:
    """`Connection refused` rather than the tower of exceptions around it."""
    text = str(error)
    return next(
        (known for known in ("Connection refused", "timed out", "Name or service") if known in text), text[:200]
    )


def token_in(file: Path) -> str | None:
    """The token that `./plut up` has left for the command line."""
    try:
        return str(json.loads(file.read_text())["token"])
    except (OSError, ValueError, KeyError):
        return None
