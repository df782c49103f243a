"""Making each firing happen once, by any number of schedulers: who writes the row of a tick enqueues its job."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from alexandria.db import Database, load_statements
from alexandria.errors import BadInput, DatabaseUnavailable
from alexandria.ops.history import History
from alexandria.ops.schedule import KEY, PRIORITY, TABLE, Periodic, State, find_due
from alexandria.queue.ids import make_id
from alexandria.queue.job import NewJob
from alexandria.queue.status import JobStatus, find
from alexandria.queue.store import enqueue_in

SQL = load_statements(__package__)
POLL = 1.0  # seconds between two looks at the clock
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """A periodic job as it stands: when it ran last and what came of it (None: never, or too long ago), when next."""

    name: str
    expression: str
    about: str
    is_paused: bool
    last_at: datetime | None
    job_id: UUID | None
    outcome: str | None
    seconds: float | None
    error: str | None
    next_at: datetime | None


async def fire_due(database: Database, table: Sequence[Periodic] = TABLE, *, now: datetime | None = None) -> list[str]:
    """The names of the periodic jobs that were fired just now, by us. A new one is not fired for what was before it."""
    clock, states = await _read_states(database)
    if new := [each.name for each in table if each.name not in states]:
        await database.execute(SQL["add_schedules"], {"names": new})
    fired = []
    for each, at in find_due(table, states, now or clock):
        if await _fire(database, each, at, by_hand=False):
            fired.append(each.name)
    return fired


async def _read_states(database: Database) -> tuple[datetime, dict[str, State]]:
    rows = await database.fetch(SQL["read_schedules"])
    states = {name: State(since, last, paused) for _, name, since, paused, last in rows if name is not None}
    return rows[0][0], states


async def _fire(database: Database, each: Periodic, at: datetime, *, by_hand: bool) -> UUID | None:
    """The job of a firing; None when somebody else has fired it."""
    async with database.transaction() as transaction:
        tick = {"name": each.name, "at": at, "by_hand": by_hand, "job_id": make_id()}
        if not await transaction.execute(SQL["add_tick"], tick):
            return None
        job = NewJob(each.kind, KEY, PRIORITY, each.lane, {"scheduled_for": at.isoformat()})
        [job_id] = await enqueue_in(transaction, [job])
        await transaction.execute(SQL["set_tick_job"], {**tick, "job_id": job_id})
    return job_id


async def fire(database: Database, name: str, table: Sequence[Periodic] = TABLE) -> UUID:
    """The job of a periodic job that is run now, by hand: the one that is under way, if there is one."""
    each = find_periodic(name, table)
    while True:
        row = await database.fetch_one(SQL["read_clock"])
        assert row is not None
        if job_id := await _fire(database, each, row[0], by_hand=True):
            return job_id


async def pause(database: Database, name: str, *, paused: bool = True, table: Sequence[Periodic] = TABLE) -> None:
    """Nothing; the periodic job runs no more by schedule, or does so again."""
    find_periodic(name, table)
    await database.execute(SQL["set_pause"], {"name": name, "is_paused": paused})


def find_periodic(name: str, table: Sequence[Periodic] = TABLE) -> Periodic:
    """The periodic job of that name. Raises BadInput."""
    for each in table:
        if each.name == name:
            return each
    raise BadInput("name", f"{name[:50]!r} is not scheduled; there are {', '.join(each.name for each in table)}")


async def list_entries(database: Database, table: Sequence[Periodic] = TABLE) -> list[Entry]:
    """Every periodic job as it stands."""
    now, states = await _read_states(database)
    fired = await database.fetch(SQL["list_last_ticks"], {"names": [each.name for each in table]})
    ticks = {name: (at, job_id) for name, at, job_id in fired}
    return [await _entry(database, each, states, ticks, now) for each in table]


async def _entry(
    database: Database,
    each: Periodic,
    states: Mapping[str, State],
    ticks: Mapping[str, tuple[datetime, UUID]],
    now: datetime,
) -> Entry:
    at, job_id = ticks.get(each.name, (None, None))
    job = await find(database, job_id) if job_id else None
    is_paused = each.name in states and states[each.name].is_paused
    return Entry(
        name=each.name,
        expression=each.expression,
        about=each.about,
        is_paused=is_paused,
        last_at=at,
        job_id=job_id,
        outcome=job.state if job else None,
        seconds=_seconds(job),
        error=job.error if job else None,
        next_at=None if is_paused else each.next(now),
    )


def _seconds(job: JobStatus | None) -> float | None:
    if job is None or job.started_at is None or job.finished_at is None:
        return None
    return (job.finished_at - job.started_at).total_seconds()


class Scheduler:
    """Fires what is due until it is told to `stop`; any number of them may run."""

    def __init__(self, database: Database, table: Sequence[Periodic] = TABLE) -> None:
        self._database, self._table = database, table
        self._stopping = asyncio.Event()
        self._history = History(database)

    def stop(self) -> None:
        """Nothing; `run` returns. For signal handlers."""
        self._stopping.set()

    async def run(self) -> None:
        """Nothing; returns after `stop`. The database must be open, and may be away at times."""
        log.info("scheduler started", entries=len(self._table))
        away = False
        while not self._stopping.is_set():
            try:
                for name in await fire_due(self._database, self._table):
                    log.info("fired", name=name)
                await self._history.note()
                away = False
            except DatabaseUnavailable as error:
                if not away:
                    log.warning("the database is away; the scheduler waits", error=str(error))
                away = True
            try:
                await asyncio.wait_for(self._stopping.wait(), POLL)
            except TimeoutError:
                pass
        log.info("scheduler stopped")
