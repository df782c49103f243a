"""The writes of one process: those that come while a transaction is under way share the next one.

A write that finds none under way is stored at once, in the caller's own task. What arrives meanwhile waits and is
stored together, so load makes transactions bigger, not more. A transaction that takes long, because somebody else holds
one of its records, is waited for only by who writes about the same. Each caller is told what became of their own write.
"""

import asyncio

from alexandria.db import Database
from alexandria.enrichment.store import Write, Written, store
from alexandria.errors import DatabaseUnavailable

LARGEST = 50  # writes in one transaction
PATIENCE = 0.1  # seconds after which others no longer wait for a transaction
MOST = 4  # transactions at a time, all but one of them slow

Record = tuple[str, int]
Waiting = tuple[Write, "asyncio.Future[Written]"]


class Writer:
    """Stores single writes. One per process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._under_way = 0
        self._slow: list[set[Record]] = []  # of those under way, by the records that they are about
        self._waiting: list[Waiting] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def one(self, write: Write) -> Written:
        """What became of a write; it is committed when this returns. Raises DatabaseUnavailable."""
        may_start = self._may_start()
        if may_start and not self._waiting and not self._is_stuck(write):
            return (await self._store([write]))[0]
        future: asyncio.Future[Written] = asyncio.get_running_loop().create_future()
        self._waiting.append((write, future))
        if may_start:
            self._start_next()
        return await future

    def _may_start(self) -> bool:
        return self._under_way == len(self._slow) < MOST

    async def _store(self, writes: list[Write]) -> list[Written]:
        records = {_record(write) for write in writes}
        self._under_way += 1
        timer = asyncio.get_running_loop().call_later(PATIENCE, self._pass_by, records)
        try:
            return await store(self._database, writes)
        finally:
            timer.cancel()
            self._under_way -= 1
            self._slow = [slow for slow in self._slow if slow is not records]
            self._start_next()

    def _pass_by(self, records: set[Record]) -> None:
        self._slow.append(records)
        self._start_next()

    def _start_next(self) -> None:
        if self._waiting:
            task = asyncio.get_running_loop().create_task(self._serve_waiting())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve_waiting(self) -> None:
        batch = self._take() if self._may_start() else []
        if not batch:
            return
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

    def _take(self) -> list[Waiting]:
        """The next writes, without those that would only wait for a slow transaction."""
        batch: list[Waiting] = []
        rest: list[Waiting] = []
        for each in self._waiting:
            (rest if len(batch) == LARGEST or self._is_stuck(each[0]) else batch).append(each)
        self._waiting = rest
        return batch

    def _is_stuck(self, write: Write) -> bool:
        return any(_record(write) in records for records in self._slow)

    async def _serve_alone(self, write: Write, future: "asyncio.Future[Written]") -> None:
        try:
            _tell(future, (await self._store([write]))[0])
        except Exception as error:  # told to whoever waits
            _tell(future, error)


def _record(write: Write) -> Record:
    return write.kind, write.id


def _tell(future: "asyncio.Future[Written]", outcome: Written | Exception) -> None:
    if future.done():  # whoever waited has gone
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
