"""Those who use the service while it is being killed: they look up, write and ask, and remember what they were told."""

import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from storm.place import HOST, KEY

SERVED = ("200", "404")  # what a service that is well says of an ISBN
NOBODY = "no answer"
TIMEOUT = 10.0
BATCH = 1_000


class Asker:
    """One connection to one API process, opened again when it breaks."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: Any = None) -> tuple[str, bytes]:
        """The status as text (or that nobody answered) and the answer."""
        headers = {"X-API-Key": KEY} | ({"Content-Type": "application/json"} if body is not None else {})
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection(HOST, self._port, timeout=TIMEOUT)
            data = msgspec.json.encode(body) if body is not None else None
            self._connection.request(method, path, data, headers)
            response = self._connection.getresponse()
            return str(response.status), response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            return NOBODY, b""

    def close(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None


class Person(threading.Thread):
    """Does its turn again and again until it is told to stop; what it counted is in `counts`."""

    def __init__(self, name: str, port: int, pause: float) -> None:
        super().__init__(name=name, daemon=True)
        self.asker, self.pause = Asker(port), pause
        self.counts: Counter[str] = Counter()
        self.longest = 0.0  # seconds without an answer that served
        self._stop_asked = threading.Event()
        self._served_at = time.monotonic()

    def run(self) -> None:
        self._served_at = time.monotonic()
        while not self._stop_asked.wait(self.pause):
            self.turn()
        self.asker.close()

    def turn(self) -> None:
        raise NotImplementedError

    def note(self, name: str, is_served: bool) -> None:
        """Nothing; one answer is counted, and how long it was since the last that served."""
        self.counts[name] += 1
        if is_served:
            now = time.monotonic()
            self.longest, self._served_at = max(self.longest, now - self._served_at), now
        elif name == NOBODY:
            self._stop_asked.wait(0.2)  # as a person would, before trying again

    def stop(self) -> None:
        """Nothing; it has stopped."""
        self._stop_asked.set()
        self.join()


class Reader(Person):
    """Looks up ISBNs: half of the mirror, which must be there at any moment, half that providers are asked for."""

    def __init__(
        self, name: str, port: int, mirrored: Sequence[int], asked: Callable[[], int | None], seed: int
    ) -> None:
        super().__init__(name, port, 0.01)
        self._mirrored, self._asked, self._random = mirrored, asked, random.Random(seed)
        self.half: list[str] = []  # what it saw of a mirror that was not whole

    def turn(self) -> None:
        isbn = self._asked() if self._random.random() < 0.5 else None
        known = isbn is None
        isbn = isbn or self._random.choice(self._mirrored)
        status, _ = self.asker.ask("GET", f"/api/isbn?isbn={isbn}")
        self.note(status, status in SERVED)
        if known and status in ("404", "410"):
            self.half.append(f"{isbn}: {status}")


class Writer(Person):
    """Tells titles of editions of its own, and keeps in a file which were acknowledged."""

    def __init__(self, name: str, port: int, isbns: Sequence[int], kept: Path) -> None:
        super().__init__(name, port, 0.02)
        self._isbns, self._kept = isbns, kept
        self._next = len(read_numbers(kept))

    def turn(self) -> None:
        isbn = self._isbns[self._next % len(self._isbns)]
        status, _ = self.asker.ask("POST", "/api/enrich/edition", {"isbn": str(isbn), "title": title_of(isbn)})
        self.note(status, status in ("200", "201"))
        if status in ("200", "201"):
            with self._kept.open("a") as file:
                file.write(f"{isbn}\n")
            self._next += 1


class Enqueuer(Person):
    """Has ISBNs looked for at providers, a thousand at a time; `done` is told how many were acknowledged."""

    def __init__(self, name: str, port: int, isbns: Sequence[int], done: int, tell: Callable[[int], None]) -> None:
        super().__init__(name, port, 0.1)
        self._isbns, self.done, self._tell = isbns, done, tell

    def turn(self) -> None:
        part = self._isbns[self.done : self.done + BATCH]
        if not part:
            self._stop_asked.set()
            return
        jobs = [{"entity_type": "edition", "entity_key": str(isbn)} for isbn in part]
        status, _ = self.asker.ask("POST", "/api/enrich/queue/batch", {"jobs": jobs})
        self.note(status, status in ("200", "201"))
        if status in ("200", "201"):
            self.done += len(part)
            self._tell(self.done)
        elif status == "503":
            self._stop_asked.wait(1.0)  # the queue is full, or the database away


def title_of(isbn: int) -> str:
    """What the writer says of an edition."""
    return f"Written during a storm, {isbn}"


def read_numbers(path: Path) -> list[int]:
    """The numbers in a file, one a line; the last line may be cut."""
    return [int(line) for line in path.read_text().split() if len(line) == 13] if path.exists() else []
