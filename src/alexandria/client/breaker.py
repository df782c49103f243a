"""A circuit for each host, made for few requests: it counts failures in a row, not percentages.

closed ── `failures` in a row, `timeouts` in a row, or the host says wait ──▶ open ── after a while ──▶ half-open
half-open: one call is the probe, all others are refused; it goes well ──▶ closed, or not ──▶ open, for twice as long

Any number of threads and tasks may share one: nothing in here waits, but for a lock held for microseconds.
"""

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from alexandria.client.errors import CircuitOpen, TooSlow, Unavailable
from alexandria.client.models import State

FAIR: Final = 0.5  # seconds: whoever waits less has not learned that the host is slow
LONGEST_HOLD: Final = 3_600.0
OnChange = Callable[[str, State, State], None]

log = logging.getLogger("alexandria.client")


@dataclass(frozen=True, slots=True)
class BreakerRule:
    """When a circuit opens, and for how many seconds: `cooldown`, then twice as long each time, up to `longest`."""

    failures: int = 5
    timeouts: int = 2
    cooldown: float = 1.0
    longest: float = 30.0


class Breaker:
    """The circuit of one host. `name` stands in messages; `on_change(name, old, new)` is told of each change."""

    def __init__(
        self,
        name: str,
        rule: BreakerRule,
        on_change: OnChange | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name, self._rule, self._on_change, self._clock = name, rule, on_change, clock
        self._lock = threading.Lock()
        self._state: State = "closed"
        self._failures = self._timeouts = self._openings = 0
        self._until = 0.0
        self._probe = 0  # the number of the call that is the probe
        self._entered = 0
        self._why: Unavailable | None = None

    @property
    def state(self) -> State:
        return self._state

    @property
    def failures(self) -> int:
        """How many failures there were in a row."""
        return self._failures

    @property
    def last_error(self) -> str | None:
        """What the last of them said."""
        return str(self._why) if self._why else None

    @property
    def retry_in(self) -> float | None:
        """Seconds until the next probe; None while the circuit is closed."""
        return max(self._until - self._clock(), 0.0) if self._state != "closed" else None

    def enter(self) -> int:
        """The number of a call that may be made, to be settled by one of the three below. Raises CircuitOpen."""
        with self._lock:
            left = self._until - self._clock()
            if self._state == "half-open" or (self._state == "open" and left > 0):
                raise self._refusal(max(left, 0.1))
            self._entered += 1
            number = self._entered
            before = self._state
            if before == "open":
                self._state, self._probe = "half-open", number
            after = self._state
        self._tell(before, after)
        return number

    def succeeded(self, number: int) -> None:
        """Nothing; the host answered, so its circuit is closed, whoever asked."""
        with self._lock:
            before, self._state = self._state, "closed"
            self._failures = self._timeouts = self._openings = self._probe = 0
            self._why = None
        self._tell(before, "closed")

    def failed(self, number: int, error: Unavailable, hold: float | None = None) -> None:
        """Nothing; the failure is counted. With `hold` the host itself says for how many seconds to leave it alone."""
        with self._lock:
            before = self._state
            if before == "closed" or number == self._probe:  # what was sent before it opened says nothing new
                self._why = error
                self._failures += 1
                slow = isinstance(error, TooSlow) and error.seconds >= FAIR
                self._timeouts = self._timeouts + 1 if slow else 0
                if number == self._probe or hold is not None or self._is_enough():
                    self._open(hold)
            after = self._state
        self._tell(before, after)

    def left(self, number: int) -> None:
        """Nothing; the call ended without telling anything of the host: its caller gave up."""
        with self._lock:
            before = self._state
            if number == self._probe:
                self._state, self._probe = "open", 0
            after = self._state
        self._tell(before, after)

    def _is_enough(self) -> bool:
        return self._failures >= self._rule.failures or self._timeouts >= self._rule.timeouts

    def _open(self, hold: float | None) -> None:
        wait = min(self._rule.cooldown * 2.0**self._openings, self._rule.longest) * random.uniform(0.8, 1.2)  # noqa: S311
        if hold is not None:
            wait = min(hold, LONGEST_HOLD)
        else:
            self._openings = min(self._openings + 1, 16)
        self._state, self._probe, self._until = "open", 0, self._clock() + wait

    def _refusal(self, left: float) -> CircuitOpen:
        why = self._why.reason if self._why else "it failed"
        return CircuitOpen(self._name, f"left alone for another {left:.1f} s; its last failure: {why}", left)

    def _tell(self, before: State, after: State) -> None:
        if before == after:
            return
        log.info("%s: circuit %s, was %s", self._name, after, before)
        if self._on_change:
            try:
                self._on_change(self._name, before, after)
            except Exception:
                log.exception("the callback for changes of a circuit failed")
