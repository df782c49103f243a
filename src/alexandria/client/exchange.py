"""One question to one host: circuit, deadline, at most one retry. Written once, as a generator without IO.

A flow yields what is to be done (`Send` a request within seconds, `Pause`) and gets back what came of it. The two
clients drive the same flows: one by blocking, the other by awaiting.
"""

import random
import threading
import time
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from alexandria.client.breaker import Breaker
from alexandria.client.errors import (
    Broken,
    ClientError,
    NotAllowed,
    Throttled,
    TooSlow,
    Unavailable,
    Unreachable,
)
from alexandria.client.messages import GOOGLE_BOOKS, NAMES, Host, Reply, Request
from alexandria.client.models import HostHealth

T = TypeVar("T")
EARNED: Final = 0.1  # of a retry, by each call: so there are at most 1.1 requests a call
MOST_SAVED: Final = 5.0
SHORTEST_PAUSE: Final = 0.005  # seconds before a retry, drawn anew each time from here
LONGEST_PAUSE: Final = 0.025  # to here
ENOUGH: Final = 0.05  # seconds that must be left for a retry to make sense
WRONG_KEY_PAUSE: Final = 300.0  # seconds before Google is shown a key again that it did not accept
_PASSING: Final = (502, 503, 504)


@dataclass(frozen=True, slots=True)
class Send:
    """A request to be sent, whose answer must be there, whole, within some seconds."""

    request: Request
    seconds: float


@dataclass(frozen=True, slots=True)
class Pause:
    """Some seconds to wait."""

    seconds: float


Flow = Generator[Send | Pause, Any, T]


def drive(flow: Flow[T], send: Callable[[Send], Reply], pause: Callable[[float], None]) -> T:
    """What a flow comes to; its steps are done by blocking."""
    try:
        step = next(flow)
        while True:
            try:
                done = send(step) if isinstance(step, Send) else pause(step.seconds)  # type: ignore[func-returns-value]
            except BaseException as error:
                step = flow.throw(error)
            else:
                step = flow.send(done)
    except StopIteration as end:
        found: T = end.value
        return found


async def drive_async(
    flow: Flow[T], send: Callable[[Send], Awaitable[Reply]], pause: Callable[[float], Awaitable[None]]
) -> T:
    """What a flow comes to; its steps are awaited."""
    try:
        step = next(flow)
        while True:
            try:
                done = await (send(step) if isinstance(step, Send) else pause(step.seconds))
            except BaseException as error:
                step = flow.throw(error)
            else:
                step = flow.send(done)
    except StopIteration as end:
        found: T = end.value
        return found


class Exchange:
    """Everything that is asked of one host."""

    def __init__(self, host: Host, breaker: Breaker, clock: Callable[[], float] = time.monotonic) -> None:
        self.name, self.breaker = NAMES[host], breaker
        self._host, self._clock = host, clock
        self._lock = threading.Lock()
        self._saved = 1.0
        self._requests = self._retries = 0

    @property
    def health(self) -> HostHealth:
        """How the host stands, from what was seen of it."""
        return HostHealth(
            state=self.breaker.state,
            failures=self.breaker.failures,
            retry_in=self.breaker.retry_in,
            last_error=self.breaker.last_error,
            requests=self._requests,
            retries=self._retries,
        )

    def ask(self, request: Request, read: Callable[[Reply], T], end: float) -> Flow[T]:
        """What `read` makes of the answer, which must be there at `end`. Raises ClientError."""
        self._earn()
        try:
            return (yield from self._try(request, read, end))
        except Unavailable as error:
            if not self._may_retry(request, error, end):
                raise
        yield Pause(random.uniform(SHORTEST_PAUSE, LONGEST_PAUSE))  # noqa: S311
        return (yield from self._try(request, read, end))

    def _try(self, request: Request, read: Callable[[Reply], T], end: float) -> Flow[T]:
        seconds = end - self._clock()
        if seconds <= 0:
            raise TooSlow(self.name, 0.0)
        number = self.breaker.enter()
        try:
            with self._lock:
                self._requests += 1
            answer = read((yield Send(request, seconds)))
        except Unavailable as error:
            self.breaker.failed(number, error, _hold(error))
            raise
        except NotAllowed as error:
            if self._host == GOOGLE_BOOKS:  # nothing else is asked of it, and it would be refused all the same
                self.breaker.failed(number, Unavailable(self.name, str(error)), WRONG_KEY_PAUSE)
            else:
                self.breaker.succeeded(number)
            raise
        except ClientError:
            self.breaker.succeeded(number)
            raise
        except BaseException:  # interrupted, cancelled: whoever asked is gone
            self.breaker.left(number)
            raise
        self.breaker.succeeded(number)
        return answer

    def _may_retry(self, request: Request, error: Unavailable, end: float) -> bool:
        if isinstance(error, Unreachable):
            fits = request.repeatable or not error.sent
        else:
            fits = isinstance(error, Broken) and error.status in _PASSING and request.repeatable
        pause = max(error.retry_in or 0.0, LONGEST_PAUSE)
        if not fits or pause > LONGEST_PAUSE or self._clock() + pause + ENOUGH > end:
            return False
        with self._lock:
            if self._saved < 1:
                return False
            self._saved -= 1
            self._retries += 1
        return True

    def _earn(self) -> None:
        with self._lock:
            self._saved = min(self._saved + EARNED, MOST_SAVED)


def _hold(error: Unavailable) -> float | None:
    """For how long the host itself wants to be left alone."""
    if isinstance(error, Throttled):
        return error.retry_in if error.retry_in is not None else 1.0
    return None
