"""Whether and when a request is tried again, so that all its attempts end in time."""

import random
import time
from datetime import UTC, datetime

from alexandria.net.verdict import Faltered


class Attempts:
    """The time for one question: `patience` seconds for waiting, and one `timeout` beside it for being on the wire.

    `pause` is the first pause before a retry; each next one is twice as long.
    """

    def __init__(self, timeout: float, patience: float, pause: float) -> None:
        self._timeout, self._patience, self._pause = timeout, patience, pause
        self._deadline = time.monotonic() + patience + timeout
        self._failed = 0

    def patience(self) -> float:
        """The seconds that the next request may wait for its permit."""
        return max(min(self._patience, self._spare()), 0.0)

    def seconds(self) -> float:
        """The seconds that the request which is about to leave may take."""
        return min(self._timeout, max(self._deadline - time.monotonic(), 0.001))

    def pause_after(self, error: Exception) -> bool | float:
        """The seconds to wait before the next attempt; False when there is to be none."""
        if not isinstance(error, Faltered):
            return False
        self._failed += 1
        pause = self._pause * 2.0 ** (self._failed - 1) * random.uniform(0.5, 1.5)  # noqa: S311
        if error.retry_at is not None:
            pause += max((error.retry_at - datetime.now(UTC)).total_seconds(), 0.0)
        return pause if pause <= self._spare() else False

    def _spare(self) -> float:
        """The seconds until it is too late to begin: a request without half its time had better not leave."""
        return self._deadline - time.monotonic() - self._timeout / 2
