"""An answer while the caller waits: the job is taken at once by whoever asks first, and watched by the others.

No lock is held meanwhile: the one who works on it holds the job's lease like any worker, and gives it back to the
workers when the time is up.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from alexandria.db import Database
from alexandria.enrichment.pipeline import Pipeline
from alexandria.queue.batch import apply_step
from alexandria.queue.job import Job, NewJob, StaleLease
from alexandria.queue.store import claim_now, find_states, hand_back

POLL = 0.05  # seconds between two looks at a job that somebody else works on
GRACE = 0.2  # seconds before the deadline at which asking ends, so that the answer is in time


@dataclass(frozen=True, slots=True)
class Resolved:
    """The job of an ISBN, and whether it ended in time."""

    job_id: UUID
    is_over: bool


async def resolve_now(
    database: Database, pipeline: Pipeline, isbns: Sequence[int], seconds: float
) -> dict[int, Resolved]:
    """What became of the job of each ISBN after at most so many seconds; what did not end goes on in the workers.

    Raises QueueFull, DatabaseUnavailable.
    """
    end = asyncio.get_running_loop().time() + max(seconds - GRACE, 0.05)
    claims = await claim_now(database, [NewJob("edition", isbn, 10, "interactive") for isbn in isbns])
    ours = [claim for claim in claims if isinstance(claim, Job)]
    if ours:
        await _work(database, pipeline, ours, end)
    ids = [claim.id if isinstance(claim, Job) else claim for claim in claims]
    over = await _watch(database, ids, end)
    return {isbn: Resolved(job_id, job_id in over) for isbn, job_id in zip(isbns, ids, strict=True)}


async def _work(database: Database, pipeline: Pipeline, jobs: Sequence[Job], end: float) -> None:
    """Nothing; the jobs are settled, or given back when the time is up."""
    unsettled = {job.id: job for job in jobs}
    try:
        async with asyncio.timeout_at(end):
            async for step in pipeline.editions(jobs):
                await apply_step(database, step)
                for result in step.results:
                    unsettled.pop(result.job.id, None)
    except TimeoutError:
        pass
    except StaleLease as error:  # a worker has it: it took longer than a lease
        structlog.get_logger().warning("lease_lost", error=str(error))
    finally:
        await hand_back_all(database, unsettled.values())


async def hand_back_all(database: Database, jobs: Collection[Job]) -> None:
    """Nothing; the workers may have these."""
    if jobs:
        await hand_back(database, list(jobs))


async def _watch(database: Database, ids: Sequence[UUID], end: float) -> set[UUID]:
    """Those of the jobs that ended in time."""
    while True:
        over = await find_states(database, ids)
        if len(over) == len(set(ids)) or asyncio.get_running_loop().time() > end:
            return over
        await asyncio.sleep(POLL)
