"""A worker: finds jobs for every handler, holds their leases while they run, hands them back when it must go.

It wakes by LISTEN where it has a direct connection, and looks each second anyway: correctness needs no notice.
"""

import asyncio
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from uuid import UUID

import structlog

from alexandria.db import Database
from alexandria.db.listen import listen
from alexandria.errors import DatabaseUnavailable
from alexandria.queue.batch import Batch, apply_step
from alexandria.queue.job import LEASE, Job, Work
from alexandria.queue.manage import hurry
from alexandria.queue.store import claim, hand_back, heartbeat
from alexandria.queue.upkeep import fold_tallies, make_partitions

__all__ = ["GRACE", "Work", "Worker", "apply_step"]

CHANNEL = "alexandria_jobs"  # as in queue.sql
POLL = 1.0  # seconds between two looks for jobs
GRACE = 9.0  # seconds from being told to stop to the end
APART = 10  # jobs that do kill a worker are tried at most so often in the time of a lease
TOGETHER = 16  # suspects tried at once, as long as they were not lost that way, too
FOLD, PARTITIONS = 10.0, 3_600.0  # seconds between two rounds of upkeep

log = structlog.get_logger(__name__)


class _Line:
    """The jobs of one kind in this worker: batches that run or wait for their turn."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.wake = asyncio.Event()
        self.turns = asyncio.Semaphore(work.concurrency)
        self.tasks: dict[asyncio.Task[None], Batch] = {}

    @property
    def room(self) -> int:
        """How many more jobs it can take."""
        return max(self.work.concurrency - len(self.tasks), 0) * self.work.batch


class Worker:
    """Does the jobs of these kinds until it is told to `stop`.

    `direct_url` is a connection that PgBouncer does not share out, for LISTEN. `lease` seconds after a worker died,
    others take what it had.
    """

    def __init__(
        self,
        database: Database,
        works: Sequence[Work],
        direct_url: str | None = None,
        *,
        lease: float = LEASE,
        grace: float = GRACE,
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self._database, self._direct_url = database, direct_url
        self._lease, self._grace = lease, grace
        self._lines = {work.kind: _Line(work) for work in works}
        self._stopping = asyncio.Event()
        self._open = asyncio.Event()  # closed while a job that may kill this process is to run
        self._open.set()
        self._claiming = 0  # claims under way
        self._suspects: list[UUID] = []  # jobs that may kill a process, handed back by this one

    def stop(self) -> None:
        """Nothing; the worker takes no more jobs, and ends within its grace. For signal handlers."""
        self._stopping.set()
        self._wake("")

    async def run(self) -> None:
        """Nothing; returns after `stop`, when every job is settled or handed back. The database must be open."""
        log.info("worker started", worker=self.name, kinds=",".join(self._lines))
        serving = [asyncio.create_task(self._serve(line)) for line in self._lines.values()]
        others = [
            asyncio.create_task(self._every(self._lease / 3, self._hold)),
            asyncio.create_task(self._every(FOLD, lambda: fold_tallies(self._database))),
            asyncio.create_task(self._every(PARTITIONS, lambda: make_partitions(self._database))),
        ]
        if self._direct_url:
            others.append(asyncio.create_task(listen(self._direct_url, CHANNEL, self._wake)))
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait([stopping, *serving, *others], return_when=asyncio.FIRST_COMPLETED)
        finally:  # told to stop, or one of them raised
            self.stop()
            await self._leave(serving)
            for task in (stopping, *serving, *others):
                task.cancel()
            ended = await asyncio.gather(*serving, *others, return_exceptions=True)
        log.info("worker stopped", worker=self.name)
        for raised in ended:
            if isinstance(raised, Exception):
                raise raised

    # --- finding jobs ------------------------------------------------------------------------------------------

    async def _serve(self, line: _Line) -> None:
        """Nothing; until the end, jobs are claimed as there is room for them."""
        away = False
        while not self._stopping.is_set():
            line.wake.clear()
            room, found = line.room, 0
            try:
                if away:
                    await self._hold()  # leases may have ended meanwhile that nobody took yet, and are still ours
                if room:
                    found = await self._take(line, room)
                away = False
            except DatabaseUnavailable as error:
                if not away:
                    log.warning("the database is away; the worker waits", kind=line.work.kind, error=str(error))
                away = True
            if away or found < room or not room:
                await _wait(line.wake, POLL)
            await self._open.wait()

    async def _take(self, line: _Line, room: int) -> int:
        """How many jobs were claimed and are under way. Raises DatabaseUnavailable."""
        self._claiming += 1
        try:
            jobs = await claim(self._database, [line.work.kind], self.name, room, lease=self._lease)
            deadly = [job for job in jobs if job.is_deadly]
            for batch in _split([job for job in jobs if not job.is_deadly], line.work.batch):
                self._start(line, batch)
            if deadly and self._open.is_set():
                self._open.clear()
                tried = _tried_first(deadly, min(TOGETHER, line.work.batch))
                deadly = [job for job in deadly if job not in tried]
                self._start(line, tried, only=True)
            if deadly:  # if the first one kills this process, they must not be lost with it
                self._suspects += await hand_back(self._database, deadly, apart=self._lease / APART)
        finally:
            self._claiming -= 1
        return len(jobs)

    def _start(self, line: _Line, jobs: Sequence[Job], only: bool = False) -> None:
        batch = Batch(self._database, line.work, jobs)
        task = asyncio.create_task(self._run_only(line, batch) if only else self._run(line, batch))
        line.tasks[task] = batch
        task.add_done_callback(lambda done: self._ended(line, done))

    async def _run(self, line: _Line, batch: Batch) -> None:
        async with line.turns:
            await batch.run()

    async def _run_only(self, line: _Line, batch: Batch) -> None:
        """Nothing; the batch ran while this process had nothing else that could be lost with it."""
        try:
            while self._claiming or self._others():
                await asyncio.sleep(0.01)
            await self._run(line, batch)
            while self._suspects:  # whoever lives through some need not wait for the next
                next_ones, self._suspects = self._suspects[:TOGETHER], self._suspects[TOGETHER:]
                if await hurry(self._database, next_ones):
                    break  # else somebody else has them
        except DatabaseUnavailable:
            pass  # their time comes anyway
        finally:
            self._open.set()

    def _others(self) -> list[asyncio.Task[None]]:
        """The batches under way, but for the one that asks."""
        this = asyncio.current_task()
        return [task for line in self._lines.values() for task in line.tasks if task is not this and not task.done()]

    def _ended(self, line: _Line, task: asyncio.Task[None]) -> None:
        if not task.cancelled():  # else what is left of it is to be handed back
            line.tasks.pop(task, None)
            if error := task.exception():
                log.error("batch lost; its leases lapse", kind=line.work.kind, exc_info=error)
        line.wake.set()

    def _wake(self, kind: str) -> None:
        """Nothing; whoever waits for jobs of the kind looks for some, without a kind everybody."""
        for line in self._lines.values():
            if kind in ("", line.work.kind):
                line.wake.set()

    # --- holding them ------------------------------------------------------------------------------------------

    async def _hold(self) -> None:
        """Nothing; the leases of all jobs here are longer."""
        batches = [batch for line in self._lines.values() for batch in line.tasks.values()]
        if jobs := [job for batch in batches for job in batch.left.values()]:
            await heartbeat(self._database, jobs, lease=self._lease)

    async def _every(self, seconds: float, do: Callable[[], Awaitable[None]]) -> None:
        """Nothing, ever; does it again and again, sooner after it failed."""
        while True:
            try:
                await do()
                await asyncio.sleep(seconds)
            except DatabaseUnavailable:
                await asyncio.sleep(min(POLL, seconds))
            except Exception as error:  # upkeep may need rights that a worker has not
                log.error("upkeep failed", exc_info=error)
                await asyncio.sleep(seconds)

    # --- leaving -----------------------------------------------------------------------------------------------

    async def _leave(self, serving: Sequence[asyncio.Task[None]]) -> None:
        """Nothing; in time, every job is settled or handed back."""
        end = asyncio.get_running_loop().time() + self._grace
        await _wait_for(serving, end - 0.7 * self._grace)  # a claim that is under way brings jobs
        for line in self._lines.values():
            await self._give_up(line, list(line.tasks)[line.work.concurrency :], end)  # what waits for its turn
        await _wait_for([task for line in self._lines.values() for task in line.tasks], end - 0.2 * self._grace)
        for line in self._lines.values():
            await self._give_up(line, list(line.tasks), end)

    async def _give_up(self, line: _Line, tasks: Sequence[asyncio.Task[None]], end: float) -> None:
        """Nothing; these batches run no more, and what is left of them is for others."""
        for task in tasks:
            task.cancel()
        await _wait_for(tasks, end - 0.1 * self._grace)
        jobs = [job for task in tasks if task in line.tasks for job in line.tasks.pop(task).left.values()]
        if not jobs:
            return
        try:
            async with asyncio.timeout_at(end):
                freed = await hand_back(self._database, jobs)
        except (TimeoutError, DatabaseUnavailable) as error:
            log.warning("jobs not handed back: their leases lapse", jobs=len(jobs), error=str(error))
        else:
            log.info("jobs handed back", kind=line.work.kind, jobs=len(freed))


def _tried_first(deadly: Sequence[Job], limit: int) -> Sequence[Job]:
    """One that was lost with few others already; else some that were only ever lost in a crowd."""
    lost_among_few = [job for job in deadly if job.lapses > 2]
    return lost_among_few[:1] or deadly[:limit]


def _split(jobs: Sequence[Job], size: int) -> Iterator[Sequence[Job]]:
    """The jobs in batches; those that may have broken one are alone in theirs."""
    together = [job for job in jobs if not job.alone]
    yield from (together[start : start + size] for start in range(0, len(together), size))
    yield from ([job] for job in jobs if job.alone)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    """Nothing; returns when the event is set, or after so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass


async def _wait_for(tasks: Sequence[asyncio.Task[None]], end: float) -> None:
    """Nothing; returns when all have ended, or at that time of the loop's clock."""
    if tasks:
        await asyncio.wait(tasks, timeout=max(end - asyncio.get_running_loop().time(), 0))
