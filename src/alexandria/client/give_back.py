"""What was found elsewhere is told to Alexandria while nobody waits for it.

Nothing in here raises into a lookup or delays it. At most so many finds wait; the oldest gives way. While Alexandria is
away they wait for its circuit, and the first of them is the probe, so that no lookup has to be.
"""

import logging
import threading
import time
from abc import ABC, abstractmethod
from functools import partial
from typing import Any, Final

from alexandria.client import answers, google, protocol
from alexandria.client.errors import BadRequest, CircuitOpen, ClientError, NotAllowed, Unavailable, Unreachable
from alexandria.client.exchange import Exchange, Flow, Pause
from alexandria.client.models import GiveBackHealth, NormalizedResponse

TIME: Final = 5.0  # seconds for one find
TRIES: Final = 3  # with a host that answers, but not as it should: too few to open its circuit
PAUSE: Final = 1.0  # seconds between them
Body = dict[str, Any]

log = logging.getLogger("alexandria.client")


class Giver(ABC):
    """The finds that wait, and how one is given. `start` has a worker run `drain` when there is none."""

    def __init__(self, alexandria: protocol.Protocol, exchange: Exchange, most: int) -> None:
        self._alexandria, self._exchange, self._most = alexandria, exchange, most
        self._changed = threading.Condition()
        self._waiting: dict[str, Body] = {}  # by ISBN, the oldest first
        self._closed = self._refused = self._warned = False
        self._given = self._lost = 0

    @property
    def health(self) -> GiveBackHealth:
        return GiveBackHealth(waiting=self.left, given=self._given, lost=self._lost)

    @property
    def left(self) -> int:
        """How many are not given yet, the one that is under way among them."""
        return len(self._waiting) + self.is_running

    @property
    @abstractmethod
    def is_running(self) -> bool:
        """Whether a worker gives."""

    @abstractmethod
    def start(self) -> None:
        """Nothing; a worker gives what waits, until nothing does."""

    def is_leaving(self) -> bool:
        """Whether nothing is worth waiting for any more."""
        return self._closed

    def offer(self, found: NormalizedResponse) -> None:
        """Nothing, at once; the find is given later, or never."""
        try:
            self._offer(found)
        except Exception:
            log.exception("a find could not be put aside for Alexandria")

    def _offer(self, found: NormalizedResponse) -> None:
        if not self._alexandria.has_key:
            if not self._warned:
                self._warned = True
                log.warning("no api_key is set, so what Google Books knows is not given to Alexandria")
            return
        body = google.answer_of(found)
        with self._changed:
            if self._closed or self._refused:
                self._lost += 1
                return
            if body["isbn"] not in self._waiting and len(self._waiting) >= self._most:
                del self._waiting[next(iter(self._waiting))]
                self._lost += 1
            self._waiting[body["isbn"]] = body
            if not self.is_running:
                self.start()

    def drain(self) -> Flow[None]:
        """All that waits is given, one after the other."""
        while (body := self._next()) is not None:
            given = False
            try:
                given = yield from self._give(body)
            except ClientError as error:
                log.info("a find was not given to Alexandria: %s", error)
            finally:
                with self._changed:
                    self._given += given
                    self._lost += not given

    def _next(self) -> Body | None:
        with self._changed:
            if self._waiting and not self._is_too_late():
                return self._waiting.pop(next(iter(self._waiting)))
            self._forget()
            self._ended()
            self._changed.notify_all()
            return None

    def _is_too_late(self) -> bool:
        return self._closed or self._refused

    def _forget(self) -> None:
        """Nothing; what waits is lost, while the lock is held."""
        self._lost += len(self._waiting)
        self._waiting.clear()

    @abstractmethod
    def _ended(self) -> None:
        """Nothing; the worker counts as gone, while the lock is held."""

    def _give(self, body: Body) -> Flow[bool]:
        tries, read = 0, partial(answers.read_written, kind="edition")
        while True:
            try:
                yield from self._exchange.ask(self._alexandria.write("edition", body), read, time.monotonic() + TIME)
                return True
            except BadRequest as error:
                kept = {name: value for name, value in body.items() if name not in _names(error)}
                if len(kept) == len(body) or not {"isbn", "primary_provider"} <= kept.keys():
                    raise
                body = kept  # what Alexandria does not take is left out
            except NotAllowed as error:
                self._refused = True
                log.warning("what Google Books knows is not given to Alexandria any more: %s", error)
                return False
            except Unavailable as error:
                tries += not isinstance(error, CircuitOpen | Unreachable)
                if tries >= TRIES or self.is_leaving():
                    raise
                yield Pause(error.retry_in or PAUSE)


def _names(error: BadRequest) -> set[str]:
    """The fields of the request that were refused."""
    return {field.partition(".")[0].partition("[")[0] for field in error.fields}
