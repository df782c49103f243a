"""When a slot is, on this process's own clock: between two moments as close as the network to the database allows.

The ledger gives slots on the server's clock. An answer that carries the server's time was made between our asking and
our reading it, so each answer bounds the difference of the two clocks from both sides; the quickest ones best.
"""

from datetime import datetime
from math import inf
from time import monotonic

DRIFT = 2e-4  # seconds that two clocks may drift apart in one
LATEST = 0.06  # seconds after its slot that a permit may still be used: the pace leaves 0.11 to us and the network
VAGUE = 0.01  # seconds between the bounds from which on the server should be asked for nothing but its time
LONGEST_LEAD = 0.1  # seconds; what one process asks for is lost to all


class Slots:
    """What is known of the server's clock, and of how long its answers take.

    `lead`: seconds after a decision of the server before which a slot would be missed. Mostly 0, since answers come
    sooner than a slot is late.
    """

    def __init__(self) -> None:
        self._low, self._high, self._noted = -inf, inf, 0.0
        self.lead = 0.0

    def note(self, asked: float, read: float, server: datetime) -> None:
        """Nothing; learns from an answer, asked and read at these times of `monotonic`, with the server's time."""
        now, slack = server.timestamp(), (read - self._noted) * DRIFT
        low, high = now - read, now - asked
        self._low, self._high, self._noted = max(self._low - slack, low), min(self._high + slack, high), read
        if self._low > self._high:  # one of the clocks was set
            self._low, self._high = low, high

    def note_delay(self, read: float, server: datetime) -> None:
        """Nothing; learns how long after its decision, at the server's time, an answer was read. Forgets slowly."""
        missed = (read - self.earliest(server.timestamp())) * 1.25 - LATEST / 2
        self.lead = min(max(missed, self.lead * 0.9), LONGEST_LEAD)

    def is_vague(self) -> bool:
        """Whether the bounds are too far apart to be of use."""
        return self._high - self._low + 2 * DRIFT * (monotonic() - self._noted) > VAGUE

    def earliest(self, server: float) -> float:
        """The first moment of `monotonic` at which the server's clock may read this (seconds since 1970)."""
        return server - self._high

    def wait(self, server: float) -> float:
        """Seconds until the server's clock certainly reads this; 0 when it does."""
        return max(server - self._low - monotonic(), 0.0)

    def latest(self, server: float) -> float:
        """The last moment of `monotonic` that is surely early enough for a slot at this time of the server."""
        return self.earliest(server) + LATEST

    def is_late(self, server: float) -> bool:
        """Whether it may be too late for a slot at this time of the server."""
        return monotonic() > self.latest(server)
