"""Breakers: a provider that is broken, away or does not want us is left alone for a while, by all processes.

A breaker opens after five failures in a row: requests are too few for a share of them to mean anything. It opens at
once, and for longer, when the provider refuses who we are. When its time is over, exactly one request gets through as
a probe; a success closes it, a failure opens it for twice as long.
"""

from typing import Literal, NamedTuple

from alexandria.db import Database, load_statements
from alexandria.errors import Unavailable
from alexandria.net.gate import Outcome

SQL = load_statements(__package__)
MOST_FAILURES = 5  # in a row
PROBE = 120.0  # seconds after which a probe that never came back is given up: more than any request takes

Verdict = Literal["well", "ill", "refused", "unknown"]


class Pause(NamedTuple):
    """Seconds that a breaker stays open the first time; then twice as long each time, up to the longest."""

    first: float
    longest: float


ILL = Pause(30.0, 900.0)
REFUSED = Pause(900.0, 3600.0)


def judge(outcome: Outcome) -> Verdict:
    """What an outcome says of the provider's health.

    Its error is the word by which whoever read the answer calls it, so that a 400 may be a refusal of our key, and a
    403 none. An answer that says "not found" or "not like that" is as healthy as any. What was cancelled, went wrong on
    our side or was too much (429: the window waits it out) says nothing.
    """
    status, word = outcome.status, outcome.error
    if word in ("cancelled", "broken", "throttled", "quota", "late") or status == 429 or not (outcome.sent or word):
        return "unknown"
    if word == "unauthorized" or (word is None and status in (401, 403)):
        return "refused"
    if status is None or status >= 500 or word == "unavailable":
        return "ill"
    return "ill" if status < 400 and word else "well"


class SharedBreakers:
    """The breaker of every bucket, shared with all processes on the same database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def check(self, bucket: str) -> None:
        """Nothing; raises Unavailable (with `retry_at`) while the breaker is open. Lets one probe at a time through."""
        row = await self._database.fetch_one(SQL["check_breaker"], {"bucket": bucket, "probe": PROBE})
        if row is not None and not row[0]:
            raise Unavailable(bucket, f"it is left alone after failures, the last one: {row[2]}", row[1])

    async def report(self, bucket: str, outcome: Outcome) -> None:
        """Nothing; the breaker counts consecutive failures, and closes after a success."""
        verdict = judge(outcome)
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
    parts = [
        str(outcome.status) if outcome.status else "",
        (outcome.error or "").replace("\0", "").encode(errors="replace").decode()[:200],
    ]
    return " ".join(part for part in parts if part) or "no answer"
