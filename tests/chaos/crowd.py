"""One request, sent by many at once, each of whom insists on an answer: what a nervous finger and a bad line do."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

import requests

from tests.chaos.load import PATIENCE, Answer, Answers
from tests.system.people import Person

#: Seconds between two tries of the same caller, and after which somebody gives up.
_PAUSE = 0.3
_INSIST = 90


@dataclass(frozen=True, slots=True)
class Got:
    """The answer that somebody goes home with; `first` where it wasn't an earlier one again."""

    status: int
    body: Any
    etag: str | None
    location: str | None
    first: bool


class Crowd(Answers):
    """`size` callers who send the same POST at the same moment, and again until they are answered."""

    def __init__(self, person: Person, path: str, body: Any, key: str, size: int) -> None:
        super().__init__()
        self.got: list[Got] = []
        self._person, self._path, self._body, self._key = person, path, body, key
        self._gate = threading.Barrier(size)
        self._threads = [threading.Thread(target=self._insist, daemon=True) for _ in range(size)]

    def start(self) -> None:
        """All ask."""
        self.began = time.monotonic()
        for thread in self._threads:
            thread.start()

    def wait(self) -> None:
        """Until everybody has an answer or has given up."""
        for thread in self._threads:
            thread.join()
        self.ended = time.monotonic()

    def _insist(self) -> None:
        self._gate.wait()
        until = time.monotonic() + _INSIST
        while time.monotonic() < until:
            answer = self._try()
            if answer is not None and answer.status_code < 500:
                first = answer.headers.get("Idempotency-Replayed") != "true"
                headers = answer.headers
                self.got.append(
                    Got(answer.status_code, answer.json(), headers.get("ETag"), headers.get("Location"), first)
                )
                return
            time.sleep(_PAUSE)

    def _try(self) -> requests.Response | None:
        headers = {"Authorization": f"Bearer {self._person.token}", "Idempotency-Key": self._key}
        url, began = f"{self._person.platform.api}{self._path}", time.monotonic()
        try:
            answer = requests.post(url, json=self._body, headers=headers, timeout=PATIENCE)
        except requests.RequestException as error:
            self.answers.append(Answer("register", began, time.monotonic() - began, 0, False, type(error).__name__))
            return None
        seconds, waits = time.monotonic() - began, "Retry-After" in answer.headers
        text = "" if answer.ok else answer.text[:300]
        self.answers.append(Answer("register", began, seconds, answer.status_code, waits, text))
        return answer
