"""Covers as jobs: kind `cover`, whose key is an ISBN. Many are searched for at a time, and settled as they end."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from alexandria.covers.seek import PATIENCE, Seeker, Sought
from alexandria.covers.store import AGAIN_DAYS, read_facts, write_attempts, write_covers
from alexandria.db import Database, Transaction
from alexandria.net.gate import Lane
from alexandria.queue.job import MOST_ATTEMPTS, Done, Job, Outcome, Result, Retry, Snooze, Step, pause_after

KIND: Final = "cover"
AT_ONCE: Final = 16  # searches at the same time: each holds a picture or two in memory
GROUP: Final = 50  # jobs that are settled together at the most
COMPANY: Final = 0.3  # seconds for which one that ended waits for others, to be settled together
SLACK: Final = 3_600.0  # seconds after the next attempt of a job at which the sweep asks, should the job be lost
UNASKED_DAYS: Final = (1,)  # when nobody could be asked, since nobody said who we are


class Pipeline:
    """The handler of the queue's kind `cover`."""

    def __init__(self, database: Database, seeker: Seeker, *, patience: float = PATIENCE) -> None:
        self._database, self._seeker, self._patience = database, seeker, patience
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def covers(self, jobs: Sequence[Job]) -> AsyncIterator[Step]:
        """Steps that settle each of the jobs."""
        facts = await read_facts(self._database, [job.key for job in jobs])
        under_way: dict[asyncio.Task[Sought], Job] = {
            asyncio.create_task(self._seek(facts[job.key], job)): job for job in jobs
        }
        try:
            while under_way:
                await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                await asyncio.wait(under_way, timeout=COMPANY)
                ended = [(under_way.pop(task), task.result()) for task in list(under_way) if task.done()]
                for start in range(0, len(ended), GROUP):
                    yield _step(ended[start : start + GROUP])
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _seek(self, facts: Any, job: Job) -> Sought:
        async with self._turns:
            return await self._seeker.seek(facts, lane_of(job.lane), self._patience)


def lane_of(lane: Lane) -> Lane:
    """The lane of a job's requests: covers wait for everything else, but for somebody who waits."""
    return lane if lane in ("interactive", "anonymous") else "covers"


def _step(ended: Sequence[tuple[Job, Sought]]) -> Step:
    now = datetime.now(UTC)
    outcomes = [outcome_of(sought, job.attempts, now) for job, sought in ended]
    results = [Result(job, outcome) for (job, _), outcome in zip(ended, outcomes, strict=True)]
    rows = [
        attempt_of(sought, outcome, job.attempts, now) for (job, sought), outcome in zip(ended, outcomes, strict=True)
    ]
    covers = [sought.cover for _, sought in ended if sought.cover]

    async def write(transaction: Transaction) -> None:
        await write_covers(transaction, covers)
        await write_attempts(transaction, rows)

    for _, sought in ended:
        sought.pictures.clear()
    return Step(results, write)


def outcome_of(sought: Sought, attempts: int, now: datetime) -> Outcome:
    """What becomes of a job: done with a cover or without, or put off for those who could not answer."""
    if sought.best is not None:
        return Done({"provider": sought.best.provider, "changed": sought.cover is not None})
    if not sought.waiting:
        return Done({"refused": sought.refused[:3]} if sought.refused else {}, found=False)
    said = str(sought.waiting[0])
    if any(error.retry_at is None for error in sought.waiting):  # it broke, and does not say when it will not
        return Retry(now + timedelta(seconds=pause_after(attempts)), said)
    return Snooze(min(error.retry_at for error in sought.waiting if error.retry_at), said)


def attempt_of(sought: Sought, outcome: Outcome, attempts: int, now: datetime) -> dict[str, Any]:
    """The note of a search: how it ended, and when to search again by itself."""
    row: dict[str, Any] = {"isbn": sought.facts.isbn, "tried": sought.tried, "reason": _reason(sought)}
    if sought.best is not None:
        again = [error.retry_at for error in sought.waiting]
        if again and not sought.best.is_enough:  # a better one may be had later
            row["pause"] = max(((each - now).total_seconds() if each else SLACK) for each in again)
        return {**row, "state": "stored"}
    if isinstance(outcome, Retry) and attempts >= MOST_ATTEMPTS:  # the job is dead now
        return {**row, "state": "later", "days": AGAIN_DAYS}
    if isinstance(outcome, Retry | Snooze):
        at = outcome.at if isinstance(outcome, Retry) else outcome.until
        return {**row, "state": "later", "pause": (at - now).total_seconds() + SLACK}
    if any(each["outcome"] == "later" for each in sought.tried):
        return {**row, "state": "later", "days": UNASKED_DAYS}
    return {**row, "state": "refused" if sought.refused else "missing", "days": AGAIN_DAYS}


def _reason(sought: Sought) -> str | None:
    """Why there is no (better) cover; nothing when the best candidate was taken."""
    told = [str(error) for error in sought.waiting] or sought.refused
    told = told or [str(each["reason"]) for each in sought.tried if each["outcome"] == "later"]
    if sought.cover:
        return None
    if told:
        return "; ".join(told)[:1_000]
    return None if sought.facts.cover else "nobody has a picture" if sought.tried else "nobody is known to have one"
