"""Counting: what was asked, how fast, how much of the day it used, and every time that it was too much.

Requests are counted when their head has been read. The pace is that of a sliding window of one second on the wall
(longer for less than one request a second) and counts every request, refused ones too; days are the simulated clock's.
"""

import math
import threading
import time
from bisect import insort
from collections import Counter
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from alexandria.simulator.clock import Clock
from alexandria.simulator.limits import Limits

KEPT_VIOLATIONS = 1_000
KEPT_SECONDS = 600


class UsedUp(Exception):
    """The units of the day do not suffice for what was asked."""


class Meter:
    """The counts of one bucket: of one provider, or of the hosts that count together."""

    def __init__(
        self,
        clock: Clock,
        limits: Limits,
        zone: ZoneInfo | None = None,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = limits
        self._timer = timer
        self._clock = clock
        self._zone = zone
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Nothing; everything counted is forgotten, the limits stay."""
        with self._lock:
            self._requests = self._units = self._violation_count = self._most_parallel = self._most_in_window = 0
            self._days: dict[str, Counter[str]] = {}
            self._seconds: Counter[int] = Counter()
            self._by: dict[str, Counter[str]] = {"hosts": Counter(), "routes": Counter(), "statuses": Counter()}
            self._kinds: Counter[str] = Counter()
            self._violations: list[dict[str, Any]] = []
            self._recent: list[float] = []
            self._parallel: Counter[str] = Counter()

    def arrive(
        self, host: str, *, parallel_limit: bool = False, rate: float | None = None, age: float = 0.0
    ) -> float | None:
        """Wall seconds to wait when this request is too fast, else None; `leave` must follow.

        `rate` is a lower one than the bucket's for this request; `age` how long ago it came in.
        """
        now = self._timer() - age
        with self._lock:
            self._requests += 1
            self._by["hosts"][host] += 1
            self._day()["requests"] += 1
            self._count_second(int(time.time()))
            self._parallel[host] += 1
            self._most_parallel = max(self._most_parallel, self._parallel[host])
            most = self.limits.parallel
            if parallel_limit and most and self._parallel[host] > most:
                self._violate("parallel", f"{self._parallel[host]} requests at once, allowed are {most}")
            allowed = self.limits.rate
            return self._pace(now, min(allowed, rate) if allowed and rate else allowed)

    def leave(self, host: str, route: str, status: int) -> None:
        """Nothing; a request has been answered, or its connection is gone."""
        with self._lock:
            self._parallel[host] = max(self._parallel[host] - 1, 0)
            self._by["routes"][route] += 1
            self._by["statuses"][str(status)] += 1

    def spend(self, units: int) -> None:
        """Nothing; the units are taken from the day. Raises UsedUp, and takes none, when they are not there."""
        with self._lock:
            day, limit = self._day(), self.limits.daily
            left = None if limit is None else limit - self.limits.spent - day["units"]
            if left is not None and units > left:
                self._violate("daily", f"{units} units asked for, {max(left, 0)} of {limit} are left")
                raise UsedUp
            self._units += units
            day["units"] += units

    def violate(self, kind: str, detail: str) -> None:
        """Nothing; a violation is noted."""
        with self._lock:
            self._violate(kind, detail)

    def spent_today(self) -> int:
        """Units used of the current day, by whomever."""
        with self._lock:
            return self._day()["units"] + self.limits.spent

    def in_last_minute(self) -> int:
        """Requests of the last sixty seconds on the wall."""
        now = int(time.time())
        with self._lock:
            return sum(self._seconds[second] for second in range(now - 59, now + 1))

    def state(self) -> dict[str, Any]:
        """Everything counted, for the control route."""
        with self._lock:
            return {
                "requests": self._requests,
                "units": self._units,
                "days": {day: dict(counts) for day, counts in self._days.items()},
                "seconds": {str(second): count for second, count in self._seconds.items()},
                "most_in_window": self._most_in_window,
                "parallel": sum(self._parallel.values()),
                "most_parallel": self._most_parallel,
                **{name: dict(counts) for name, counts in self._by.items()},
                "violation_count": self._violation_count,
                "violation_kinds": dict(self._kinds),
                "violations": list(self._violations),
                "limits": self.limits,
            }

    def _day(self) -> Counter[str]:
        return self._days.setdefault(self._clock.day(self._zone), Counter())

    def _count_second(self, second: int) -> None:
        self._seconds[second] += 1
        if len(self._seconds) > KEPT_SECONDS:
            del self._seconds[min(self._seconds)]

    def _pace(self, now: float, rate: float | None) -> float | None:
        per_second = (rate or 0) * self._clock.speed
        window = max(1.0, 1 / per_second) if per_second else 1.0
        while self._recent and self._recent[0] <= now - window:
            del self._recent[0]
        insort(self._recent, now)  # one that came in first may be read last
        count = len(self._recent)
        self._most_in_window = max(self._most_in_window, count)
        allowed = math.ceil(per_second * window - 1e-9)
        if rate is None or count <= allowed:
            return None
        self._violate("rate", f"{count} requests within {window:g} s, allowed are {allowed}")
        return self._recent[-allowed - 1] + window - now

    def _violate(self, kind: str, detail: str) -> None:
        self._violation_count += 1
        self._kinds[kind] += 1
        if len(self._violations) < KEPT_VIOLATIONS:
            self._violations.append({"kind": kind, "at": self._clock.now(), "detail": detail})
