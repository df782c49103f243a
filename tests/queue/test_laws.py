"""Whatever happens in whatever order: no job is lost or twice there, and the tallies are what is there."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from alexandria.db import Database, load_statements
from alexandria.queue import manage
from alexandria.queue.job import LANES, Dead, Done, Job, NewJob, Result, Retry, Snooze
from alexandria.queue.status import FINISHED, list_jobs
from alexandria.queue.store import claim, claim_now, counts, enqueue, hand_back, heartbeat, settle_ours
from tests.queue.looking import ask, check_tallies, sql

SQL = load_statements("alexandria.queue")
BEGIN = datetime(2026, 11, 22, 12, tzinfo=UTC)
OUTCOMES = st.sampled_from(
    [
        Done(),
        Done(found=False),
        Dead("x"),
        Retry(BEGIN, "x"),
        Snooze(BEGIN, "x"),
        Retry(BEGIN + timedelta(minutes=2), "y"),
    ]
)
NEW = st.builds(
    NewJob,
    st.sampled_from(["edition", "work"]),
    st.integers(1, 5),
    st.integers(1, 10),
    st.sampled_from(LANES),
    most_attempts=st.integers(1, 3),
    again=st.booleans(),
)
MOVES = st.one_of(
    st.tuples(st.just("enqueue"), st.lists(NEW, min_size=1, max_size=6)),
    st.tuples(st.just("claim"), st.integers(1, 4)),
    st.tuples(st.just("claim now"), st.lists(NEW, min_size=1, max_size=3)),
    st.tuples(st.just("settle"), st.lists(OUTCOMES, min_size=1, max_size=4)),
    st.tuples(st.just("hand back"), st.integers(1, 3)),
    st.tuples(st.just("heartbeat"), st.none()),
    st.tuples(st.just("wait"), st.sampled_from([1, 31, 200])),
    st.tuples(st.just("retry"), st.none()),
    st.tuples(st.just("drop"), st.integers(1, 2)),
    st.tuples(st.just("fold"), st.none()),
)


class World:
    """A queue, a clock, and every lease that was ever given."""

    def __init__(self, database: Database) -> None:
        self.database, self.now = database, BEGIN
        self.leases: list[Job] = []
        self.names: dict[Any, tuple[str, int]] = {}

    async def make(self, move: str, what: Any) -> None:
        moves: dict[str, Callable[[Any], Awaitable[None]]] = {
            "enqueue": self.enqueue, "claim": self.claim, "claim now": self.claim_now, "settle": self.settle,
            "hand back": self.hand_back, "heartbeat": self.heartbeat, "wait": self.wait, "retry": self.retry,
            "drop": self.drop, "fold": self.fold,
        }  # fmt: skip
        await moves[move](what)

    async def enqueue(self, jobs: list[NewJob]) -> None:
        ids = await enqueue(self.database, jobs, now=self.now)
        self.names |= {job_id: (job.kind, job.key) for job_id, job in zip(ids, jobs, strict=True)}

    async def claim(self, limit: int) -> None:
        jobs = await claim(self.database, ["edition", "work"], "w", limit, now=self.now)
        assert len(jobs) <= limit
        self.leases += jobs

    async def claim_now(self, jobs: list[NewJob]) -> None:
        for job, claimed in zip(jobs, await claim_now(self.database, jobs, now=self.now), strict=True):
            if isinstance(claimed, Job) and claimed not in self.leases:
                self.leases.append(claimed)
            self.names[claimed.id if isinstance(claimed, Job) else claimed] = (job.kind, job.key)

    async def settle(self, outcomes: list[Any]) -> None:
        newest = {job.id: job.token for job in self.leases}
        chosen = {job.id: job for job in self.leases[: len(outcomes)]}  # old ones first: some of them are stale
        results = [Result(job, outcome) for job, outcome in zip(chosen.values(), outcomes, strict=False)]
        async with self.database.transaction() as transaction:
            settled = await settle_ours(transaction, results, now=self.now)
        assert all(chosen[job_id].token == newest[job_id] for job_id in settled), "a stale lease settled a job"
        self.leases = [job for job in self.leases if job not in chosen.values()]

    async def hand_back(self, number: int) -> None:
        await hand_back(self.database, self.leases[:number], now=self.now)

    async def heartbeat(self, _: None) -> None:
        await heartbeat(self.database, self.leases, now=self.now)

    async def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    async def retry(self, _: None) -> None:
        await manage.retry(self.database, list(self.names), now=self.now)

    async def drop(self, number: int) -> None:
        await manage.drop(self.database, list(self.names)[:number], now=self.now)

    async def fold(self, _: None) -> None:
        await self.database.execute(SQL["fold_tallies"], {"many": 0, "now": self.now})

    async def check(self) -> None:
        await check_tallies(self.database)
        assert await ask(self.database, "select id from queue.jobs intersect select id from queue.finished") == []
        assert await ask(self.database, "select 1 from queue.finished group by id having count(*) > 1") == []
        rows = await ask(
            self.database, "select id, kind, key from queue.jobs union all select id, kind, key from queue.finished"
        )
        assert {row[0]: row[1:] for row in rows} == self.names, "every job that was enqueued is still known"
        told = await counts(self.database, now=self.now)
        [(active,)] = await ask(self.database, "select count(*) from queue.jobs")
        assert sum(each.pending + each.running for each in told) == active
        assert all(each.pending >= 0 and each.running >= 0 for each in told)
        listed = await list_jobs(self.database, [*FINISHED, "pending", "running"], limit=1_000, now=self.now)
        assert {job.id for job in listed} == set(self.names)


@settings(max_examples=40)
@given(moves=st.lists(MOVES, max_size=14))
def test_nothing_is_lost_and_everything_is_counted(moves: list[tuple[str, Any]], law_url: str) -> None:
    asyncio.run(play(law_url, moves))


async def play(url: str, moves: list[tuple[str, Any]]) -> None:
    database = Database(url, max_size=2)
    await database.open()
    try:
        for table in ("jobs", "finished", "tallies"):
            await database.execute(sql(f"delete from queue.{table}"))
        world = World(database)
        for move, what in moves:
            await world.make(move, what)
        await world.check()
    finally:
        await database.close()
