"""How far a request got, and what the ledger is told of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from alexandria.errors import Malformed, ProviderFailed, QuotaExhausted, Throttled, Unauthorized, Unavailable
from alexandria.net.gate import Outcome
from alexandria.net.limits import left_of_day, told, wait_until
from alexandria.net.messages import Note

_WORDS = (
    (Throttled, "throttled"),
    (QuotaExhausted, "quota"),
    (Unavailable, "unavailable"),
    (Unauthorized, "unauthorized"),
    (Malformed, "malformed"),
    (asyncio.CancelledError, "cancelled"),
)


@dataclass(slots=True)
class Trip:
    """How far a request got. `left` is True from the moment when its first byte may be on the way.

    `before_leaving` is waited for when the connection stands and nothing was sent yet.
    """

    before_leaving: Callable[[], Awaitable[None]] | None = None
    began: float = field(default_factory=time.monotonic)
    left: bool = False
    status: int | None = None
    received: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)

    async def follow(self, event: str, info: Mapping[str, Any]) -> None:
        """Nothing; told by httpx2 about each step of a request."""
        if event.endswith("send_request_headers.started"):
            if self.before_leaving:
                await self.before_leaving()
            self.left = True

    def outcome(self, note: Note, error: BaseException | None) -> Outcome:
        """What became of it. `error` is one word of the error tree, `cancelled`, or `broken` for a fault of ours."""
        asked_for = error.retry_at if isinstance(error, ProviderFailed) else None
        left_today = note.remaining if note.remaining is not None else left_of_day(self.headers)
        return Outcome(
            sent=self.left,
            status=self.status,
            error=_word(error) if error else None,
            ms=(time.monotonic() - self.began) * 1000,
            bytes=self.received,
            charged=note.charged,
            found=note.found,
            wait_until=asked_for or wait_until(self.headers, datetime.now(UTC)),
            remaining=0 if isinstance(error, QuotaExhausted) else left_today,
            headers=told(self.headers),
        )


def _word(error: BaseException) -> str:
    return next((word for kind, word in _WORDS if isinstance(error, kind)), "broken")
