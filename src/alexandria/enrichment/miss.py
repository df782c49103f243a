"""What nobody knows: remembered for a while that grows, so that nobody is asked for it again and again."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from alexandria.db import Database, Transaction, load_statements
from alexandria.enrichment.chain import MISS_DAYS
from alexandria.net.gate import Lane
from alexandria.queue.job import NewJob
from alexandria.queue.store import QueueFull, enqueue

SQL = load_statements(__package__)


@dataclass(frozen=True, slots=True)
class Queued:
    """What was done about an ISBN that is not in the catalogue: the job that asks for it, or why there is none."""

    job_id: UUID | None
    reason: str | None = None


async def find_remembered(database: Database, isbns: Sequence[int]) -> dict[int, Queued]:
    """Those of the ISBNs that nobody knew when they were asked for last, so that nobody is asked at present."""
    rows = await database.fetch(SQL["find_misses"], {"isbns": list(isbns)})
    return {isbn: Queued(None, f"nobody knew it; asked again after {until:%Y-%m-%d %H:%M} UTC") for isbn, until in rows}


async def ask_for(database: Database, isbns: Sequence[int], lane: Lane, priority: int) -> dict[int, Queued]:
    """For each ISBN the job that will ask for it; none for those of which it is known that nobody knows them."""
    queued = await find_remembered(database, isbns)
    wanted = [isbn for isbn in isbns if isbn not in queued]
    try:
        jobs = [NewJob("edition", isbn, priority, lane) for isbn in wanted]
        ids = await enqueue(database, jobs) if jobs else []
    except QueueFull as error:
        return queued | dict.fromkeys(wanted, Queued(None, str(error)))
    return queued | {isbn: Queued(job_id) for isbn, job_id in zip(wanted, ids, strict=True)}


async def remember_misses(transaction: Transaction, isbns: Sequence[int]) -> None:
    """Nothing; these are known by nobody: not asked for again for 1, 7, 30, then 90 days."""
    if isbns:
        await transaction.execute(SQL["write_misses"], {"isbns": sorted(isbns), "days": list(MISS_DAYS)})


async def forget_misses(transaction: Transaction, isbns: Sequence[int]) -> None:
    """Nothing; somebody knows these after all."""
    if isbns:
        await transaction.execute(SQL["delete_misses"], {"isbns": sorted(isbns)})
