"""The writes of one process: those that come while others are under way share a transaction.

A write that finds few under way is stored at once, in the caller's own task. What arrives meanwhile waits and is stored
together, so load makes transactions bigger, not more. Each caller is told what became of their own write.
"""

import asyncio

from alexandria.db import Database
from alexandria.enrichment.store import Write, Written, store
from alexandria.errors import DatabaseUnavailable

IN_FLIGHT = 2  # transactions at a time: one that the database works on while the other one's folds are made
LARGEST = 50  # writes in one transaction

Waiting = tuple[Write, "asyncio.Future[Written]"]


class Writer:
    """Stores single writes. One per process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._in_flight = 0
        self._waiting: list[Waiting] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def one(self, write: Write) -> Written:
        """What became of a write; it is committed when this returns. Raises DatabaseUnavailable."""
        if self._in_flight < IN_FLIGHT and not self._waiting:
            return (await self._store([write]))[0]
        future: asyncio.Future[Written] = asyncio.get_running_loop().create_future()
        self._waiting.append((write, future))
        return await future

    async def _store(self, writes: list[Write]) -> list[Written]:
        self._in_flight += 1
        try:
            return await store(self._database, writes)
        finally:
            self._in_flight -= 1
            if self._waiting:
                task = asyncio.get_running_loop().create_task(self._serve_waiting())
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _serve_waiting(self) -> None:
        if not self._waiting or self._in_flight >= IN_FLIGHT:
            return
        batch, self._waiting = self._waiting[:LARGEST], self._waiting[LARGEST:]
        try:
            written = await self._store([write for write, _ in batch])
        except DatabaseUnavailable as error:
            for _, future in batch:
                _tell(future, error)
        except Exception:  # of one of them, and nothing was stored: the others must not suffer
            for write, future in batch:
                await self._serve_alone(write, future)
        else:
            for (_, future), each in zip(batch, written, strict=True):
                _tell(future, each)

    async def _serve_alone(self, write: Write, future: "asyncio.Future[Written]") -> None:
        try:
            _tell(future, (await self._store([write]))[0])
        except Exception as error:  # told to whoever waits
            _tell(future, error)


def _tell(future: "asyncio.Future[Written]", outcome: Written | Exception) -> None:
    if future.done():  # whoever waited has gone
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
