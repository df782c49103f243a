"""What stands between us and every provider: a permit for each physical request, and a breaker for each bucket.

Two Protocols only. `quota` implements both on PostgreSQL, so that any number of processes share one count; `net`
asks them before and tells them after every request, where no caller can forget to.
"""

from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from typing import Literal, Protocol

Lane = Literal["interactive", "enrichment", "harvest", "covers", "anonymous"]


@dataclass(frozen=True, slots=True)
class Call:
    """What a request costs, and on whose account: a bucket is a budget as its provider counts it.

    `kind` names the sort of request for reports (`book`, `books`, `author`, …); `items` is what was asked for in it
    (the ISBNs of a batch).
    """

    bucket: str
    lane: Lane
    kind: str
    units: int = 1
    items: int = 1


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave for one request, sent at once. `id` and `at` name the row of `quota.calls` that waits for its outcome.

    After `until`, a time of `monotonic`, its slot is over, and it must be given back.
    """

    id: int
    call: Call
    at: datetime | None = None
    until: float = inf


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request.

    `sent` is False only when it certainly never left, then its units are given back. `charged`: units that the
    provider says it took. `wait_until`: it asks for patience until then (Retry-After, a 429's window).
    `remaining`: what the provider says is left of the day. `found`: how many of the items it knew. Milliseconds, bytes.
    """

    sent: bool
    status: int | None = None
    error: str | None = None
    ms: float = 0.0
    bytes: int = 0
    charged: int | None = None
    found: int | None = None
    wait_until: datetime | None = None
    remaining: int | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Gate(Protocol):
    """Hands out permits; one atomic decision holds the pace and the day's window together."""

    async def permit(self, call: Call, patience: float) -> Permit:
        """Leave to send now, after up to `patience` seconds for the pace.

        Raises Throttled when the pace leaves no room in that time, QuotaExhausted when the day does not.
        """
        ...

    async def settle(self, permit: Permit, outcome: Outcome) -> None:
        """Nothing; the ledger knows what became of the request. Never raises because of the provider."""
        ...


class Breakers(Protocol):
    """Whether a bucket's provider is worth asking at present; shared by all processes."""

    async def check(self, bucket: str) -> None:
        """Nothing; raises Unavailable (with `retry_at`) while the breaker is open. Lets one probe at a time through."""
        ...

    async def report(self, bucket: str, outcome: Outcome) -> None:
        """Nothing; the breaker counts consecutive failures, and closes after a success."""
        ...
