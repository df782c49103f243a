"""The queue alone: jobs enqueued, claimed and settled in batches beside millions of finished ones; the wait of one."""

import asyncio
import random
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from alexandria.db import Connection, Database, connect
from alexandria.queue.job import Done, Job, NewJob, Result, Step, Work
from alexandria.queue.store import enqueue
from alexandria.queue.worker import Worker
from bench.catalogue import Catalogue
from bench.hand import KIND
from bench.machine import ROOT
from bench.result import Figure, command_of, figure, percentile
from bench.result import Result as BenchResult
from bench.workspace import BenchFailed

TITLE = "Queue"
FINISHED = 5  # finished jobs for each edition of the size
JOBS, QUICK_JOBS = 100_000, 1_000
LONE, QUICK_LONE = 1_000, 10
ROUNDS, BATCH, CHUNK = 3, 500, 1_000
HANDS = (1, 2)  # worker processes
ENOUGH = 5_000_000  # finished jobs from which on the goals are judged
RATE_GOAL, WAIT_GOAL = 8_000.0, 50.0
PATIENCE = 600.0
LOOK = 0.2  # seconds between two looks whether all is done, each of which reads many rows that are gone
_FILL = """
insert into queue.finished (id, kind, key, lane, priority, payload, result, state, attempts, most_attempts, created_at,
                            started_at, finished_at)
select gen_random_uuid(), 'edition', 9780000000000 + n, 'enrichment', 5,
       '{"providers_to_try": ["isbndb"], "providers_attempted": ["isbndb"], "providers_succeeded": ["isbndb"]}', '{}',
       case when n % 10 = 0 then 'not_found' else 'completed' end, 1, 5, now(), now(), now()
from generate_series(1, %s) n"""

_FINISHED_INDEXES = """
select sum(pg_indexes_size(inhrelid)) from pg_inherits where inhparent = 'queue.finished'::regclass"""


def run(size: int, quick: bool) -> BenchResult:
    """Rounds of enqueueing and of one and two workers; then lone jobs while nothing else happens."""
    finished, jobs = size * FINISHED, QUICK_JOBS if quick else JOBS
    catalogue = Catalogue(size)
    with catalogue.server:
        url = catalogue.make_database("queue")
        try:
            fill(url, finished)
            enqueued, rates = _rounds(url, jobs, 1 if quick else ROUNDS)
            held = _with_a_long_transaction(url, jobs)
            sizes = _index_sizes(url)
            waits = asyncio.run(_wait_alone(url, QUICK_LONE if quick else LONE))
        finally:
            catalogue.drop_database("queue")
    return BenchResult(
        bench="queue",
        title=TITLE,
        size=size,
        quick=quick,
        command=command_of("queue", size, quick),
        figures=[
            figure(f"enqueued in {CHUNK:,}s", enqueued, "jobs/s"),
            *(_rate(hands, rates[hands], finished) for hands in HANDS),
            figure(
                "claimed and settled, 2 workers, beside a transaction as old as the first of them", [held], "jobs/s"
            ),
            *_waits(waits, finished),
            figure("indexes of active jobs, afterwards", [sizes[0]], "MB"),
            figure("indexes of finished jobs", [sizes[1]], "MB"),
        ],
        notes=[
            f"{finished:,} finished jobs lie in this month's partition. Each round enqueues {jobs:,} jobs by "
            f"{CHUNK:,}s, then worker processes claim and settle them in batches of {BATCH}, with a handler that does "
            "nothing: from the first claim to the last job's end, all on the same processors, fsync on.",
            "The wait of a lone job: from before it is enqueued until its handler begins, in a worker that is idle and "
            "listens, in the same process.",
        ],
    )


def fill(url: str, finished: int) -> None:
    """Nothing; so many finished jobs lie in the database."""
    with connect(url, autocommit=True) as connection:
        connection.execute(_FILL.replace("%s", str(finished)).encode())
        connection.execute("vacuum analyze queue.finished")
        connection.execute("checkpoint")


def _rounds(url: str, jobs: int, rounds: int) -> tuple[list[float], dict[int, list[float]]]:
    """Jobs enqueued a second, and jobs done a second by number of workers, of each round."""
    enqueued: list[float] = []
    rates: dict[int, list[float]] = {hands: [] for hands in HANDS}
    for _ in range(rounds):
        for hands in HANDS:
            enqueued.append(asyncio.run(_enqueue(url, jobs)))
            rates[hands].append(_drain(url, jobs, hands))
    return enqueued, rates


async def _enqueue(url: str, jobs: int) -> float:
    database = Database(url, max_size=2)
    await database.open()
    begun = time.perf_counter()
    for start in range(0, jobs, CHUNK):
        await enqueue(database, [NewJob(KIND, 9780000000000 + start + n) for n in range(min(CHUNK, jobs - start))])
    seconds = time.perf_counter() - begun
    await database.close()
    return jobs / seconds


def _drain(url: str, jobs: int, hands: int) -> float:
    """Jobs a second, from the first claim until none is left."""
    with connect(url, autocommit=True) as connection, ExitStack() as stack:
        for _ in range(hands):
            stack.enter_context(_hand(url))
        deadline = time.monotonic() + PATIENCE
        while _count(connection, "select count(*) from (select 1 from queue.jobs limit 1) some_job"):
            if time.monotonic() > deadline:
                raise BenchFailed("the workers do not get the jobs done")
            time.sleep(LOOK)
        row = connection.execute(
            "select extract(epoch from max(finished_at) - min(started_at))::float8 from queue.finished "
            f"where kind = '{KIND}' and started_at > (select max(created_at) from queue.finished where kind = '{KIND}')"
        ).fetchone()
        connection.execute(f"delete from queue.finished where kind = '{KIND}'")
    assert row is not None
    return jobs / float(row[0])


@contextmanager
def _hand(url: str) -> Iterator[None]:
    """A worker process that works."""
    command = [sys.executable, "-m", "bench.hand", url, str(BATCH)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


def _with_a_long_transaction(url: str, jobs: int) -> float:
    """Jobs a second while a transaction, older than they are, keeps dead rows from being cleared away."""
    with connect(url) as connection:
        connection.execute("set transaction isolation level repeatable read")
        connection.execute("select count(*) from queue.jobs")
        asyncio.run(_enqueue(url, jobs))
        return _drain(url, jobs, 2)


async def _wait_alone(url: str, count: int) -> list[float]:
    """Milliseconds from before a job is enqueued until its handler begins, job after job in an idle worker."""
    database = Database(url, max_size=6)
    await database.open()
    begun = asyncio.Event()
    chance = random.Random(count)
    waits = []

    async def note(jobs: Sequence[Job]) -> AsyncIterator[Step]:
        begun.set()
        yield Step([Result(job, Done()) for job in jobs])

    worker = Worker(database, [Work("lone", note)], url)
    working = asyncio.create_task(worker.run())
    await asyncio.sleep(1.0)
    for key in range(count + 10):
        await asyncio.sleep(chance.uniform(0.01, 0.04))
        begun.clear()
        at = time.perf_counter()
        await enqueue(database, [NewJob("lone", key)])
        await begun.wait()
        waits.append((time.perf_counter() - at) * 1000)
    worker.stop()
    await working
    await database.close()
    return waits[10:]  # the first ones prepare statements


def _rate(hands: int, rates: list[float], finished: int) -> Figure:
    return figure(
        f"claimed and settled, {hands} worker{'s' if hands > 1 else ''}",
        rates,
        "jobs/s",
        goal=f"≥ {RATE_GOAL:,.0f} beside {ENOUGH / 1e6:.0f} M finished" if hands == max(HANDS) else "",
        met=statistics.median(rates) >= RATE_GOAL if finished >= ENOUGH and hands == max(HANDS) else None,
    )


def _waits(waits: list[float], finished: int) -> list[Figure]:
    p99 = percentile(waits, 0.99)
    return [
        figure("from enqueue to start when idle, median", [percentile(waits, 0.5)], "ms"),
        figure(
            "from enqueue to start when idle, p99",
            [p99],
            "ms",
            goal=f"≤ {WAIT_GOAL:.0f}",
            met=p99 <= WAIT_GOAL if finished >= ENOUGH else None,
        ),
    ]


def _index_sizes(url: str) -> tuple[float, float]:
    """Megabytes of the indexes of active jobs, and of finished ones."""
    with connect(url) as connection:
        active = _count(connection, "select pg_indexes_size('queue.jobs')")
        over = _count(connection, _FINISHED_INDEXES)
    return active / 1e6, over / 1e6


def _count(connection: Connection, query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])
