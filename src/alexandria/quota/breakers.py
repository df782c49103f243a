"""Breakers: a provider that is broken, away or does not want us is left alone for a while, by all processes.

A breaker opens after five failures in a row: requests are too few for a share of them to mean anything. It opens at
once, and for longer, when the provider refuses who we are. When its time is over, exactly one request gets through as
a probe; a success closes it, a failure opens it for twice as long.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from alexandria.db import Database, load_statements
from alexandria.errors import Unavailable
from alexandria.net.gate import Outcome

SQL = load_statements(__package__)
MOST_FAILURES = 5  # in a row
PROBE = 90.0  # seconds after which a probe that never came back is given up: more than any request takes
CANCELLED = "cancelled"  # the error of an outcome when it was us who gave up
_BANS = ("open-library", "open-library-covers", "internet-archive", "wikimedia")  # they answer 403 to whoever is banned
REFUSALS: Mapping[str, Collection[int]] = MappingProxyType({bucket: (401, 403) for bucket in _BANS})

Verdict = Literal["well", "ill", "refused", "unknown"]


class Pause(NamedTuple):
    """Seconds that a breaker stays open the first time; then twice as long each time, up to the longest."""

    first: float
    longest: float


ILL = Pause(30.0, 900.0)
REFUSED = Pause(900.0, 3600.0)


def judge(outcome: Outcome, refusals: Collection[int] = (401,)) -> Verdict:
    """What an outcome says of the provider's health; `refusals` are the statuses by which it refuses us.

    An answer that says "not found" or "not like that" is as healthy as any. A 429 says nothing: the window waits.
    """
    status = outcome.status
    if status is None:
        harmless = outcome.error == CANCELLED or (outcome.error is None and not outcome.sent)
        return "unknown" if harmless else "ill"
    if status == 429:
        return "unknown"
    if status in refusals:
        return "refused"
    if status >= 500 or (status < 400 and outcome.error is not None):
        return "ill"
    return "well"


class SharedBreakers:
    """The breaker of every bucket, shared with all processes on the same database."""

    def __init__(self, database: Database, refusals: Mapping[str, Collection[int]] = REFUSALS) -> None:
        self._database, self._refusals = database, refusals

    async def check(self, bucket: str) -> None:
        """Nothing; raises Unavailable (with `retry_at`) while the breaker is open. Lets one probe at a time through."""
        row = await self._database.fetch_one(SQL["check_breaker"], {"bucket": bucket, "probe": PROBE})
        if row is not None and not row[0]:
            raise Unavailable(bucket, f"it is left alone after failures, the last one: {row[2]}", row[1])

    async def report(self, bucket: str, outcome: Outcome) -> None:
        """Nothing; the breaker counts consecutive failures, and closes after a success."""
        verdict = judge(outcome, self._refusals.get(bucket, (401,)))
        if verdict == "well":
            await self._database.execute(SQL["close_breaker"], {"bucket": bucket})
        elif verdict == "unknown":
            await self._database.execute(SQL["release_probe"], {"bucket": bucket})
        else:
            await self._count(bucket, outcome, refused=verdict == "refused")

    async def forget(self, bucket: str) -> None:
        """Nothing; all failures of the bucket are forgotten, for whoever has mended what was wrong."""
        await self._database.execute(SQL["close_breaker"], {"bucket": bucket})

    async def _count(self, bucket: str, outcome: Outcome, *, refused: bool) -> None:
        pause = REFUSED if refused else ILL
        params = {
            "bucket": bucket,
            "refused": refused,
            "most": MOST_FAILURES,
            "pause": pause.first,
            "longest": pause.longest,
            "reason": _reason(outcome),
        }
        if await self._database.execute(SQL["count_failure"], params) == 0:
            await self._database.execute(SQL["make_breaker"], {"bucket": bucket})
            await self._database.execute(SQL["count_failure"], params)


def _reason(outcome: Outcome) -> str:
    """A few words: the status, the error."""
    parts = [str(outcome.status) if outcome.status else "", (outcome.error or "").replace("\0", "")[:200]]
    return " ".join(part for part in parts if part) or "no answer"
