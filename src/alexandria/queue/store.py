"""The life of a job as statements: enqueue, claim, heartbeat, hand back, settle; each in one transaction.

`now` is for tests; without it time is the database's.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from alexandria.db import Database, Transaction, load_statements
from alexandria.errors import DatabaseUnavailable
from alexandria.queue.ids import make_id
from alexandria.queue.job import LEASE, Job, NewJob, Offered, QueueFull, Result, StaleLease, merge_same
from alexandria.queue.status import JobStatus, KindCounts, counts, find, find_states
from alexandria.queue.told import columns_of
from alexandria.telemetry import traces

__all__ = [
    "MOST_ANONYMOUS", "MOST_PENDING", "JobStatus", "KindCounts", "QueueFull", "StaleLease", "by_index", "claim",
    "claim_now", "claim_one", "counts", "enqueue", "enqueue_in", "find", "find_states", "hand_back", "heartbeat",
    "offer", "settle_in", "settle_ours",
]  # fmt: skip

MOST_PENDING = 1_000_000  # active jobs, above which new ones are refused
MOST_ANONYMOUS = 10_000  # of them in the lane of callers without a key
CHUNK = 1_000  # jobs in one statement
TALLIES = 500  # rows of tallies above which they are added up
_SQL = load_statements(__package__)
T = TypeVar("T")
Name = tuple[str, int]  # a job's kind and key


async def enqueue(
    database: Database,
    jobs: Sequence[NewJob],
    *,
    most_pending: int = MOST_PENDING,
    most_anonymous: int = MOST_ANONYMOUS,
    now: datetime | None = None,
) -> list[UUID]:
    """The id of each job in order: its own, or that of the same job which is active already. Raises QueueFull."""
    offered = await offer(database, jobs, most_pending=most_pending, most_anonymous=most_anonymous, now=now)
    return [each.id for each in offered]


async def offer(
    database: Database,
    jobs: Sequence[NewJob],
    *,
    most_pending: int = MOST_PENDING,
    most_anonymous: int = MOST_ANONYMOUS,
    now: datetime | None = None,
) -> list[Offered]:
    """As `enqueue`, with whether each job is new. All of them are enqueued, or none."""
    limits = {"most": most_pending, "most_anonymous": most_anonymous, "now": now}
    async with database.transaction() as transaction:
        offered, tallies = await _offer(transaction, jobs, limits)
    if tallies > TALLIES:
        with suppress(DatabaseUnavailable):  # the jobs are in; somebody else will do it
            await database.execute(_SQL["fold_tallies"], {"many": TALLIES, "now": now})
    return offered


async def enqueue_in(transaction: Transaction, jobs: Sequence[NewJob], *, now: datetime | None = None) -> list[UUID]:
    """As `enqueue`, within a transaction of the caller's; it is never refused, however many jobs wait."""
    offered, _ = await _offer(transaction, jobs, {"most": None, "most_anonymous": None, "now": now})
    return [each.id for each in offered]


async def _offer(transaction: Transaction, jobs: Sequence[NewJob], limits: dict[str, Any]) -> tuple[list[Offered], int]:
    """What became of each job in order, and how many rows of tallies there are."""
    found: dict[Name, Offered] = {}
    tallies = 0
    for chunk in _chunks(merge_same(jobs)):
        missing = chunk
        while missing:  # again, when a job ended between the two statements
            rows = await transaction.fetch(_SQL["add_jobs"], _columns(missing) | limits)
            found |= {(kind, key): Offered(id, True, False) for id, kind, key, *_ in rows if id}
            _, _, _, tallies, is_full, is_lane_full, _ = rows[0]
            found |= await _raise(transaction, _not_in(found, missing), limits["now"])
            missing = _not_in(found, missing)
            if missing and (is_full or is_lane_full):
                raise QueueFull(limits["most"]) if is_full else QueueFull(limits["most_anonymous"], "anonymous")
    return [found[job.kind, job.key] for job in jobs], tallies


async def _raise(transaction: Transaction, jobs: Sequence[NewJob], now: datetime | None) -> dict[Name, Offered]:
    """Those of the jobs that are active already, which get what was asked for where that is more than they have."""
    if not jobs:
        return {}
    params = _columns(jobs) | {"agains": [job.again for job in jobs], "now": now}
    async with by_index(transaction):
        rows = await transaction.fetch(_SQL["raise_jobs"], params)
    return {(kind, key): Offered(id, False, is_running) for id, kind, key, is_running, _ in rows}


async def claim(
    database: Database,
    kinds: Sequence[str],
    worker: str,
    limit: int,
    *,
    lease: float = LEASE,
    now: datetime | None = None,
) -> list[Job]:
    """Up to `limit` jobs that are due, leased to a worker for `lease` seconds; of each kind the most urgent ones."""
    params = {"kinds": list(kinds), "worker": worker, "limit": limit, "lease": lease, "now": now}
    async with database.transaction() as transaction, by_index(transaction):
        rows = await transaction.fetch(_SQL["claim"], params)
    return sorted(map(_job, rows), key=lambda job: (-job.priority, job.id))


async def claim_now(
    database: Database,
    jobs: Sequence[NewJob],
    *,
    worker: str = "api",
    lease: float = LEASE,
    now: datetime | None = None,
) -> list[Job | UUID]:
    """Each job in order, enqueued and leased to the caller; the id of one that somebody else works on.

    One that waits is taken from the queue. Limits do not count: whoever calls this does the work.
    """
    found: dict[Name, Job | UUID] = {}
    leasing = {"worker": worker, "lease": lease, "now": now}
    async with database.transaction() as transaction:
        missing = merge_same(jobs)
        while missing:
            for chunk in _chunks(missing):
                rows = await transaction.fetch(_SQL["add_leased"], _columns(chunk) | leasing)
                found |= {(job.kind, job.key): job for job in map(_job, rows)}
                active = await _raise(transaction, _not_in(found, chunk), now)
                found |= {name: each.id for name, each in active.items()}
                found |= await _lease(transaction, [each.id for each in active.values()], leasing)
            missing = _not_in(found, missing)
    return [found[job.kind, job.key] for job in jobs]


async def _lease(transaction: Transaction, ids: Sequence[UUID], leasing: dict[str, Any]) -> dict[Name, Job]:
    """Those of these jobs that nobody works on, leased."""
    if not ids:
        return {}
    async with by_index(transaction):
        rows = await transaction.fetch(_SQL["lease_waiting"], {"ids": list(ids)} | leasing)
    return {(job.kind, job.key): job for job in map(_job, rows)}


async def claim_one(
    database: Database, job: NewJob, *, worker: str = "api", lease: float = LEASE, now: datetime | None = None
) -> Job | UUID:
    """As `claim_now`, for one job."""
    [claimed] = await claim_now(database, [job], worker=worker, lease=lease, now=now)
    return claimed


async def heartbeat(
    database: Database, jobs: Sequence[Job], *, lease: float = LEASE, now: datetime | None = None
) -> set[UUID]:
    """The ids of the jobs whose lease is still held; it ends `lease` seconds from now."""
    return await _change(database, "extend", jobs, {"lease": lease, "now": now})


async def hand_back(
    database: Database, jobs: Sequence[Job], *, apart: float = 0.0, now: datetime | None = None
) -> set[UUID]:
    """The ids of the jobs whose lease was held: they are due at once, for anybody, and this attempt does not count.

    With `apart`, the second one is due so many seconds after the first, and so on.
    """
    return await _change(database, "hand_back", jobs, {"apart": apart, "now": now})


async def _change(database: Database, name: str, jobs: Sequence[Job], more: dict[str, Any]) -> set[UUID]:
    """The ids of the jobs whose lease was held, and which a statement changed."""
    changed: set[UUID] = set()
    for chunk in _chunks(sorted(jobs, key=_place)):
        params = {"ids": [job.id for job in chunk], "tokens": [job.token for job in chunk]} | more
        async with database.transaction() as transaction, by_index(transaction):
            changed |= {row[0] for row in await transaction.fetch(_SQL[name], params)}
    return changed


async def settle_in(transaction: Transaction, results: Sequence[Result], *, now: datetime | None = None) -> None:
    """Nothing; the jobs are over, or wait again, as their results say.

    Raises StaleLease when one of them is not the caller's any more: then the transaction must be given up.
    """
    settled = await settle_ours(transaction, results, now=now)
    if lost := [result.job.id for result in results if result.job.id not in settled]:
        raise StaleLease(lost)


async def settle_ours(transaction: Transaction, results: Sequence[Result], *, now: datetime | None = None) -> set[UUID]:
    """The ids of the jobs that were settled; those whose lease was lost are left as they are."""
    settled: set[UUID] = set()
    async with by_index(transaction):
        for chunk in _chunks(sorted(results, key=lambda result: _place(result.job))):
            rows = await transaction.fetch(_SQL["settle"], columns_of(chunk) | {"now": now})
            settled |= {row[0] for row in rows}
    return settled


@asynccontextmanager
async def by_index(transaction: Transaction) -> AsyncIterator[None]:
    """Statements that find jobs by an index, even when their plan was made while there was none."""
    await transaction.fetch(_SQL["use_indexes"])
    yield
    await transaction.fetch(_SQL["use_anything"])


def _place(job: Job) -> Name:
    """Where a job stands in the order in which everybody locks them."""
    return job.kind, job.key


def _job(row: Sequence[Any]) -> Job:
    id, kind, key, lane, priority, payload, *rest = row
    return Job(id, kind, key, lane, priority, msgspec.json.decode(payload), *rest)


def _columns(jobs: Sequence[NewJob]) -> dict[str, Any]:
    carried = traces.carry()
    return {
        "ids": sorted(make_id() for _ in jobs),
        "kinds": [job.kind for job in jobs],
        "keys": [job.key for job in jobs],
        "lanes": [job.lane for job in jobs],
        "priorities": [job.priority for job in jobs],
        "payloads": [msgspec.json.encode({**carried, **job.payload}).decode() for job in jobs],
        "most_attempts": [job.most_attempts for job in jobs],
        "run_ats": [job.run_at for job in jobs],
    }


def _not_in(found: dict[Name, Any], jobs: Sequence[NewJob]) -> list[NewJob]:
    return [job for job in jobs if (job.kind, job.key) not in found]


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
