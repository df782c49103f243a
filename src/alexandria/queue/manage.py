"""What an operator does to jobs: replay those that failed, hurry those that wait, drop those that nobody works on."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from uuid import UUID

from alexandria.db import Database, load_statements
from alexandria.queue.store import by_index

CHUNK = 1_000  # jobs in one statement
_SQL = load_statements(__package__)


async def retry(database: Database, ids: Sequence[UUID], *, now: datetime | None = None) -> set[UUID]:
    """Those of these jobs that are due now.

    Failed ones begin anew, unless the same is active already; those that wait for their time wait no more.
    """
    return await _change(database, "replay", ids, now) | await hurry(database, ids, now=now)


async def hurry(database: Database, ids: Sequence[UUID], *, now: datetime | None = None) -> set[UUID]:
    """Those of these jobs that waited for their time, and now wait no more."""
    return await _change(database, "hurry", ids, now)


async def drop(database: Database, ids: Sequence[UUID], *, now: datetime | None = None) -> set[UUID]:
    """Those of these jobs that ended undone; finished ones and those that a worker has stay as they are."""
    return await _change(database, "drop_jobs", ids, now)


async def retry_dead(database: Database, kind: str | None = None) -> AsyncIterator[int]:
    """Again and again how many dead jobs, of a kind or of all, are due now."""
    async for ids in _pages(database, "list_dead", kind):
        yield len(await retry(database, ids))


async def drop_waiting(database: Database, kind: str | None = None) -> AsyncIterator[int]:
    """Again and again how many jobs, of a kind or of all, were dropped that nobody works on."""
    async for ids in _pages(database, "list_droppable", kind):
        yield len(await drop(database, ids))


async def _pages(database: Database, name: str, kind: str | None) -> AsyncIterator[list[UUID]]:
    after = UUID(int=0)
    while True:
        params = {"kind": kind, "after": after, "limit": CHUNK, "now": None}
        ids = [row[0] for row in await database.fetch(_SQL[name], params)]
        if not ids:
            return
        yield ids
        after = ids[-1]


async def _change(database: Database, name: str, ids: Sequence[UUID], now: datetime | None) -> set[UUID]:
    async with database.transaction() as transaction, by_index(transaction):
        return {row[0] for row in await transaction.fetch(_SQL[name], {"ids": sorted(ids), "now": now})}
