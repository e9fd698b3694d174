"""Officers at work, through the HTTP API at a set rate: they register, change and read, and keep every answer."""

from __future__ import annotations

import queue
import random
import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles
from types import MappingProxyType
from typing import Any, Self

import requests

from tests.system.people import Person

#: Seconds that a caller waits: longer than any answer may take, so that one that takes too long is measured.
PATIENCE = 40
#: Seconds that somebody goes on trying after the others went home.
INSIST = 30
#: Pauses between two tries of the same request, which carries the same Idempotency-Key.
_PAUSES = (0.3, 0.7, 1.0, 2.0)
_SYLLABLES = [consonant + vowel for consonant in "bdgjklmnprstwy" for vowel in "aeiou"]
_KINDS = {"register": "POST", "update": "PATCH", "read": "GET"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One try of one request; `status` is 0 where the connection was refused or broke."""

    kind: str
    began: float
    seconds: float
    status: int
    retry_after: bool
    text: str = ""


class Answers:
    """What a load has been answered, and when it went on."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.versions: dict[str, int] = {}
        """Enterprise → highest version that an answer has named."""
        self.began = self.ended = 0.0

    def statuses(self) -> Counter[int]:
        """How often which status came; 0 is no answer at all."""
        return Counter(answer.status for answer in list(self.answers))

    def unclean(self) -> list[Answer]:
        """Answers that are neither 2xx nor a 503 that says when to come again."""
        return [
            answer for answer in list(self.answers)
            if answer.status and not 200 <= answer.status < 300 and not (answer.status == 503 and answer.retry_after)
        ]  # fmt: skip

    def longest(self) -> float:
        """Seconds that the slowest try took."""
        return max((answer.seconds for answer in list(self.answers)), default=0.0)

    def latency(self, since: float = 0.0, until: float = float("inf")) -> tuple[float, float]:
        """Median and 99th percentile in seconds, of 2xx answers to writes begun in a span of time."""
        found = [
            answer.seconds for answer in list(self.answers)
            if since <= answer.began <= until and 200 <= answer.status < 300 and answer.kind != "read"
        ]  # fmt: skip
        cuts = quantiles(found, n=100) if len(found) > 1 else [float("nan")] * 99
        return cuts[49], cuts[98]


class Load(Answers):
    """`rate` requests a second from many threads, in the shares of `mix` (register, update, read)."""

    def __init__(
        self, people: Sequence[Person], rate: float, *, mix: tuple[int, int, int] = (6, 3, 1), threads: int = 12
    ) -> None:
        super().__init__()
        self.rate = rate
        self.addresses = [people[0].platform.api]
        self.registered: dict[str, str] = {}
        """Enterprise → name, of every registration that was answered with 2xx."""
        self._people = people
        self._mix = mix
        self._known: deque[tuple[Person, str, int]] = deque(maxlen=3000)
        self._due: queue.Queue[float | None] = queue.Queue()
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]
        self._clock = threading.Thread(target=self._tick, daemon=True)
        self._closing = 0.0

    def start(self) -> None:
        """Begin."""
        self.began = time.monotonic()
        for thread in (*self._threads, self._clock):
            thread.start()

    def stop(self) -> None:
        """Stop asking; returns when every request that was begun has its answer, or was given up."""
        if self._stopping.is_set():
            return
        self._closing = time.monotonic() + INSIST
        self._stopping.set()
        self._clock.join()
        for _ in self._threads:
            self._due.put(None)
        for thread in self._threads:
            thread.join()
        self.ended = time.monotonic()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # --- the work -----------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        number = 0
        while not self._stopping.wait(max(0.0, self.began + number / self.rate - time.monotonic())):
            number += 1
            # when everybody waits for an answer, the queue of officers at the counter grows no further
            if self._due.qsize() < len(self._threads):
                self._due.put(time.monotonic())

    def _work(self) -> None:
        session = requests.Session()
        while self._due.get() is not None:
            kind = random.choices(list(_KINDS), self._mix)[0]  # noqa: S311 - nothing hangs on who guesses it
            if kind == "register" or not self._known:
                self._register(session)
            elif kind == "update":
                self._update(session)
            else:
                self._read(session)

    def _register(self, session: requests.Session) -> None:
        person, name = random.choice(self._people), new_name()  # noqa: S311
        owner: dict[str, Any] = {"name": new_name()}
        if random.random() < 0.25:  # noqa: S311
            owner["email"] = f"{uuid.uuid4().hex[:12]}@contoh.example"
        body = {"unit": person.account["grants"][0]["scope"], "name": name, "owner": owner, "even_if_similar": True}
        key = {"Idempotency-Key": str(uuid.uuid4())}
        for attempt in range(200):
            answer = self._ask(session, "register", person, "/registry/enterprises", headers=key, body=body)
            if answer is not None and answer.ok:
                made = answer.json()
                self.registered[made["id"]] = name
                self.versions[made["id"]] = made["version"]
                self._known.append((person, made["id"], made["version"]))
                return
            if answer is not None and answer.status_code < 500:
                return
            # somebody whose request came to nothing tries it again under the same key, also after the rest went home
            time.sleep(_PAUSES[min(attempt, len(_PAUSES) - 1)])
            if self._stopping.is_set() and time.monotonic() > self._closing:
                return

    def _update(self, session: requests.Session) -> None:
        person, enterprise, version = self._taken()
        if not enterprise:
            return
        headers = {"If-Match": f'"{version}"'}
        body = {"name": new_name()}
        answer = self._ask(session, "update", person, f"/registry/enterprises/{enterprise}", headers=headers, body=body)
        # without an answer nobody knows which version it has now, and it isn't touched again
        if answer is not None and answer.ok:
            self.versions[enterprise] = answer.json()["version"]
            self._known.append((person, enterprise, answer.json()["version"]))

    def _read(self, session: requests.Session) -> None:
        person, enterprise, version = self._taken()
        if enterprise:
            self._ask(session, "read", person, f"/registry/enterprises/{enterprise}")
            self._known.append((person, enterprise, version))

    def _taken(self) -> tuple[Person, str, int]:
        try:
            return self._known.popleft()
        except IndexError:
            return self._people[0], "", 0

    def _ask(
        self,
        session: requests.Session,
        kind: str,
        person: Person,
        path: str,
        *,
        headers: Mapping[str, str] = MappingProxyType({}),
        body: Any = None,
    ) -> requests.Response | None:
        """Ask at the first address that takes the connection, as a load balancer in front of replicas would."""
        headers = {**headers, "Authorization": f"Bearer {person.token}", "Accept-Language": "en"}
        for address in list(self.addresses):
            began = time.monotonic()
            try:
                answer = session.request(_KINDS[kind], f"{address}{path}", headers=headers, json=body, timeout=PATIENCE)
            except requests.RequestException as error:
                self._keep(Answer(kind, began, time.monotonic() - began, 0, False, type(error).__name__))
                continue
            text = "" if answer.ok else answer.text[:300]
            seconds, waits = time.monotonic() - began, "Retry-After" in answer.headers
            self._keep(Answer(kind, began, seconds, answer.status_code, waits, text))
            return answer
        return None

    def _keep(self, answer: Answer) -> None:
        self.answers.append(answer)


def new_name() -> str:
    """Two words that sound like a name and are nobody's."""
    words = ("".join(random.choices(_SYLLABLES, k=random.randint(3, 5))) for _ in range(2))  # noqa: S311
    return " ".join(word.capitalize() for word in words)
