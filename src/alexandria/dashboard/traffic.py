"""How often this API process is asked for ISBNs, how often it knows them, and how long that takes: ten minutes of it.

Counted around the whole application, in memory: a few list entries for each request, nothing that a lookup waits for.
"""

import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

LOOKUP: Final = "/api/isbn"
SLOT: Final = 5.0  # seconds that are counted together
SLOTS: Final = 120
RECENT: Final = 12  # slots that rates are told of: a minute
BOUNDS: Final = (
    .0005, .001, .0015, .002, .003, .004, .006, .008, .012, .016, .024, .032, .05, .075, .1, .15, .25, .5,
    1.0, 2.5, 10.0,
)  # fmt: skip


@dataclass(slots=True)
class Slot:
    """What happened in five seconds; `took` counts lookups by BOUNDS."""

    number: int = -1
    hits: int = 0
    misses: int = 0
    requests: int = 0
    failures: int = 0
    took: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))


@dataclass(frozen=True, slots=True)
class Seen:
    """The last minute: lookups and requests a second, the share of lookups that were hits (None: there were none),
    answers of 500 and more, and seconds that half and 99 of 100 lookups took at most. `curve`: lookups a second, slot
    by slot, the newest last.
    """

    lookups: float
    requests: float
    hit_rate: float | None
    failures: int
    median: float | None
    slow: float | None
    curve: Sequence[float]


class Traffic:
    """The counts of one process. `clock` in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._slots = [Slot() for _ in range(SLOTS)]

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application, whose requests are counted."""

        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP:
                await app(scope, receive, send)
                return
            began = self._clock()
            is_lookup = scope["path"] == LOOKUP

            async def send_counted(message: Message) -> None:
                if message["type"] == "http.response.start":
                    self.note(message["status"], self._clock() - began, is_lookup=is_lookup)
                await send(message)

            await app(scope, receive, send_counted)

        return counted

    def note(self, status: int, seconds: float, *, is_lookup: bool) -> None:
        """Nothing; one more answer."""
        number = int(self._clock() / SLOT)
        slot = self._slots[number % SLOTS]
        if slot.number != number:
            slot = self._slots[number % SLOTS] = Slot(number)
        slot.requests += 1
        slot.failures += status >= 500
        if is_lookup and status in (200, 404):
            slot.hits += status == 200
            slot.misses += status == 404
            slot.took[bisect_left(BOUNDS, seconds)] += 1

    def read(self) -> Seen:
        """How it went lately."""
        last = int(self._clock() / SLOT) - 1  # the one that runs is not whole
        held = {slot.number: slot for slot in self._slots}
        slots = [held.get(number, Slot()) for number in range(last - SLOTS + 2, last + 1)]
        recent = slots[-RECENT:]
        hits, misses = sum(each.hits for each in recent), sum(each.misses for each in recent)
        took = [sum(counts) for counts in zip(*(each.took for each in recent), strict=True)]
        return Seen(
            lookups=(hits + misses) / (RECENT * SLOT),
            requests=sum(each.requests for each in recent) / (RECENT * SLOT),
            hit_rate=hits / (hits + misses) if hits + misses else None,
            failures=sum(each.failures for each in recent),
            median=quantile(took, 0.5),
            slow=quantile(took, 0.99),
            curve=[(each.hits + each.misses) / SLOT for each in slots],
        )


def quantile(took: Sequence[int], part: float) -> float | None:
    """Seconds below which this part of the counted ones lies, interpolated between BOUNDS; None for no counts."""
    wanted = sum(took) * part
    passed, lower = 0.0, 0.0
    for count, upper in zip(took, (*BOUNDS, BOUNDS[-1]), strict=True):
        if count and passed + count >= wanted:
            return lower + (upper - lower) * (wanted - passed) / count
        passed, lower = passed + count, upper
    return None
