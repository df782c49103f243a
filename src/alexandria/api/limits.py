"""How many requests a caller may send: a token bucket for each key and each address, in the memory of one process.

Each API process counts for itself, so that a request never waits for another machine: with `WORKERS=4` a caller who
is spread over all of them gets four times the rate. What is to hold together across processes is provider quota, and
that is counted in the database.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

BURST_SECONDS = 2.0  # so many seconds' worth of requests may come at once
MOST = 20_000  # callers remembered at a time, a few megabytes

Headers = list[tuple[bytes, bytes]]


class Taken(NamedTuple):
    """What is left to a caller: requests now, and in how many seconds all of them are back.

    `retry_after` is None for a request that may pass, else the seconds until the next one may.
    """

    remaining: int
    full_in: float
    retry_after: float | None


class Limit:
    """`rate` requests a second for each caller, and `burst` at once: two seconds' worth."""

    def __init__(
        self, name: str, rate: float, *, most: int = MOST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.name, self.rate = name, rate
        self.burst = max(1, round(rate * BURST_SECONDS))
        self._step = 1 / rate
        self._depth = self.burst * self._step
        self._slack = self._step * 1e-6  # of rounding
        self._most, self._clock = most, clock
        # A bucket is one number: when it will be full again, if nothing more is taken. One that is full is forgotten.
        self._full_at: dict[str, float] = {}
        self._policy = (b"ratelimit-policy", b'"%s";q=%d;w=%d' % (name.encode(), self.burst, math.ceil(self._depth)))
        self._prefix = b'"%s";r=' % name.encode()

    def take(self, caller: str) -> Taken:
        """What is left to a caller after this request; a refused one costs nothing."""
        now = self._clock()
        full_in = max(self._full_at.get(caller, now) - now, 0.0) + self._step
        over = full_in - self._depth
        if over > self._slack:
            return Taken(0, full_in - self._step, over)
        if len(self._full_at) >= self._most and caller not in self._full_at:
            self._forget(now)
        self._full_at[caller] = now + full_in
        return Taken(int((self._slack - over) * self.rate), full_in, None)

    def headers(self, taken: Taken) -> Headers:
        """`RateLimit-Policy` and `RateLimit` (IETF draft-ietf-httpapi-ratelimit-headers)."""
        return [
            self._policy,
            (b"ratelimit", self._prefix + b"%d;t=%d" % (taken.remaining, math.ceil(taken.full_in))),
        ]

    def _forget(self, now: float) -> None:
        """Nothing; full buckets are dropped, which changes nothing, then the fuller half of the others."""
        left = {caller: full_at for caller, full_at in self._full_at.items() if full_at > now}
        if len(left) >= self._most:
            emptiest = sorted(left, key=left.__getitem__)[len(left) // 2 + 1 :]
            left = {caller: left[caller] for caller in emptiest}
        self._full_at = left


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of reads and of writes."""

    read: Limit
    write: Limit
